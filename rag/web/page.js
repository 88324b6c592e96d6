// A citation leads to its source: the marker's target is brought into view and lit, also on hover and focus.
// "Edit" takes up what was searched for, to be changed and asked.
// A new question moves to the top, and stays there while its answer grows beneath it.
() => {
  const source = (event) => {
    const link = event.target.closest?.("a.cite");
    return link && [link, document.getElementById(link.getAttribute("href").split("#")[1])];
  };
  const light = (target) => {
    document.querySelectorAll(".source.lit").forEach((lit) => lit.classList.remove("lit"));
    target?.classList.add("lit");
  };
  document.addEventListener("click", (event) => {
    const found = source(event);
    if (!found) return;
    event.preventDefault();
    found[1]?.scrollIntoView({ behavior: "smooth", block: "center" });
    light(found[1]);
  });
  document.addEventListener("click", (event) => {
    const edit = event.target.closest?.("a.edit");
    if (!edit) return;
    event.preventDefault();
    const box = document.querySelector("#question textarea");
    box.value = edit.parentElement.querySelector(".text-searched").textContent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
  let asked = 0;
  new MutationObserver(() => {
    const questions = document.querySelectorAll("#chat .question");
    if (questions.length > asked) questions[questions.length - 1].scrollIntoView({ block: "start" });
    asked = questions.length;
  }).observe(document.body, { childList: true, subtree: true });
  for (const kind of ["mouseover", "focusin"])
    document.addEventListener(kind, (event) => { const found = source(event); if (found) light(found[1]); });
}
