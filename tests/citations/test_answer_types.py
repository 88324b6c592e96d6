"""What kind of thing questions ask for, and which sentences hold one."""

import pytest

from rag.citations.answer_types import AnswerType, asked_for, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many goggles were sold?", AnswerType.NUMBER),
        ("What was the Ice Age?", None),
        ("What was the share price?", AnswerType.AMOUNT),
        ("How many share this view?", AnswerType.NUMBER),
        ("How and in what year did he die?", AnswerType.TIME),
        ("What was the average number of goggles?", AnswerType.NUMBER),
        ("What percentage of voters stayed at home?", AnswerType.SHARE),
        ("What is the share of women on the board?", AnswerType.SHARE),
        ("How many per cent stayed at home?", AnswerType.SHARE),
        ("How old was the man who sold them?", AnswerType.AGE),
        ("At what age did she resign?", AnswerType.AGE),
        ("By how much did the price rise when the bridge was closed?", AnswerType.AMOUNT),
        ("How many US dollars were paid?", AnswerType.AMOUNT),
        ("What is the population of Herat?", AnswerType.AMOUNT),
        ("Which firm told the police how many were sold?", None),
        ("How do they work out the number of goggles?", None),
        ("When did the ship sink?", AnswerType.TIME),
        ("In which year was the law passed?", AnswerType.TIME),
        ("Why did the minister resign?", AnswerType.REASON),
        ("Who sold the goggles?", AnswerType.NAME),
        ("Where was the ship built?", AnswerType.PLACE),
        ("Which southern Baltic island was flooded?", AnswerType.NAME),
        ("Which two countries signed?", AnswerType.NAME),
        ("What did Asif say about weapons?", AnswerType.WORDS),
        ("What is a goggle made of?", None),
        ("What came to the mayor's mind when the bridge fell?", None),
        ("Which firm had the man who sold goggles worked for?", None),
        ("When the bridge fell, who was on it?", AnswerType.TIME),
        ("What happened, and when did it end?", AnswerType.TIME),
        ("After the flood, who repaired it?", AnswerType.NAME),
        ("goggles", None),
    ],
)
def test_what_is_asked_for(question: str, kind: AnswerType | None) -> None:
    assert asked_for(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "held"),
    [
        ("How many goggles were sold?", "Three hundred were sold.", True),
        ("How many of the 12 ships sank?", "The 12 ships were old.", False),
        ("How many ships sank?", "Dozens of ships sank.", True),
        ("How many people came?", "It had 1500 visitors.", True),
        ("How many people came?", "It was held in 1984, on 3 May.", False),
        ("How many people came?", "Guests spent US$100 million, 12% more than in 2006–2007.", False),
        ("How many people came?", "It was cancelled at 3:30 pm because of COVID-19.", False),
        ("How many people came?", "One visitor came.", True),
        ("How many people came?", "It was one of the last.", False),
        ("How many euros were paid?", "They paid €300.", True),
        ("How much was paid?", "They paid US$100 million.", True),
        ("How old was she?", "The fire killed three, among them a 92-year-old woman.", True),
        ("How old was she?", "Lind, 92, died.", True),
        ("How old was she?", "92", True),
        ("How old was she?", "She was in her forties.", True),
        ("How old was she?", "She was just 17 at the time.", True),
        ("How old was she?", "She died at the age of ninety-two.", True),
        ("How old was she?", "The six-month-old baby was found.", True),
        ("How old was she?", "The fire killed 1,200, police said.", False),
        ("How old was the man born in Herat?", "The man was born in Herat.", False),
        ("How many ships were sunk?", "Some 1500-2000 ships were sunk.", True),
        ("How many people were killed?", "No people were killed.", True),
        ("How many people came?", "They paid 5 million dollars.", False),
        ("What share of voters stayed at home?", "She finished third in the race.", False),
        ("How old was she?", "Lind, a nine-year-old girl, found it.", True),
        ("How old was she?", "She died last year, at two parties in 3 cities.", False),
        ("How old is the bridge?", "It was built in 1871.", True),
        ("How old was she?", "She died after catching COVID-19, with 12 others.", False),
        ("What share of voters stayed at home?", "Two out of three stayed at home.", True),
        ("What share of voters stayed at home?", "40% did.", True),
        ("What share of voters stayed at home?", "A third of them did.", True),
        ("What share of voters stayed at home?", "Few died of flu in 1919, at 12 homes.", False),
        ("What share of voters stayed at home?", "On the day 1,200 voters stayed at home.", False),
        ("How long will she stay?", "She will stay until Wednesday.", True),
        ("Where was it built?", "It was built in Herat.", True),
        ("Where was it built?", "It was built at last.", False),
        ("Which country signed?", "Eritrea.", True),
        ("What did Lind say?", "Lind warned of floods.", True),
        ("When did the ship sink?", "It sank on 3 May.", True),
        ("When did the ship sink in May?", "In May the ship sank.", False),
        ("When did the ship sink?", "It sank two weeks later.", True),
        ("Why did she resign?", "She resigned because of the flood.", True),
        ("Why did she resign?", "She resigned.", False),
        ("Who succeeded Ms Lind?", "Then Ola Meyer succeeded her.", True),
        ("Who succeeded Ms Lind?", "Ms Lind was succeeded later.", False),
        ("What did Lind say?", 'Lind said: "No."', True),
        ("What did Lind say?", "Lind left the town.", False),
    ],
)
def test_what_a_sentence_holds(question: str, sentence: str, held: bool) -> None:
    kind = asked_for(question)
    assert kind is not None
    assert holds(sentence, kind, question) is held
