"""The forms of English verbs that no stemmer brings together: give, gave, given.

Knows nothing about sentences. Left out are forms that are mostly another word: bit, bore, bound, felt, lay, saw, wound.
"""

_IRREGULAR = """
arise arose arisen, awake awoke awoken, bear borne, beat beaten, become became, begin began begun, bend bent, bite
bitten, bleed bled, blow blew blown, break broke broken, breed bred, bring brought, build built, burn burnt, buy
bought, catch caught, choose chose chosen, cling clung, come came, creep crept, deal dealt, dig dug, do did done, draw
drew drawn, drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feed fed, fight fought, find
found, flee fled, fling flung, fly flew flown, forbid forbade forbidden, forget forgot forgotten, forgive forgave
forgiven, freeze froze frozen, get got gotten, give gave given, go went gone, grow grew grown, hang hung, hear heard,
hide hid hidden, hold held, keep kept, kneel knelt, know knew known, lead led, leap leapt, learn learnt, leave left,
lend lent, light lit, lose lost, make made, mean meant, meet met, mistake mistook mistaken, overcome overcame,
overtake overtook overtaken, overthrow overthrew overthrown, pay paid, prove proven, ride rode ridden, ring rang rung,
rise rose risen, run ran, say said, see seen, seek sought, sell sold, send sent, shake shook shaken, shine shone,
shoot shot, show shown, shrink shrank shrunk, sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, speak
spoke spoken, speed sped, spend spent, spin spun, spring sprang sprung, stand stood, steal stole stolen, stick stuck,
sting stung, strike struck stricken, strive strove striven, swear swore sworn, sweep swept, swim swam swum, swing
swung, take took taken, teach taught, tear tore torn, tell told, think thought, throw threw thrown, undergo underwent
undergone, understand understood, undertake undertook undertaken, uphold upheld, wake woke woken, wear wore worn,
weave wove woven, weep wept, win won, withdraw withdrew withdrawn, withhold withheld, withstand withstood, write wrote
written
"""
BASE = {form: forms.split()[0] for forms in _IRREGULAR.split(",") for form in forms.split()[1:]}
"""The base of each form: give for gave and given."""
