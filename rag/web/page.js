// What buttons in messages and lists do. Those with data-do tell the server, by an event of that name; a few act here.
// A sentence lights up its sources, on hover and on focus. A new question moves to the top, and stays there while its
// answer grows beneath it. Runs once, within Gradio's HTML component, which gives `trigger`.
const told = ["open", "retry", "edit", "search", "drop", "judge", "export", "within", "remove", "removed", "month",
  "resume", "forget"];
let opener = null;

const reader = () => document.querySelector("#reader");
const close = () => {
  delete reader()?.dataset.open;
  (opener?.isConnected ? opener : document.querySelector("#question textarea"))?.focus({ preventScroll: true });
};

const closeMenus = (but) => document.querySelectorAll("details.drop-down[open]").forEach((menu) => {
  if (!menu.contains(but)) menu.open = false;
});

const light = (target) => {
  document.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
  const claim = target.closest?.(".claim"), source = target.closest?.(".source[id]");
  if (claim) {
    claim.classList.add("lit");
    claim.dataset.sources.split(" ").forEach((id) => document.getElementById(id)?.classList.add("lit"));
  } else if (source) {
    source.classList.add("lit");
    document.querySelectorAll(`.claim[data-sources~="${source.id}"]`).forEach((one) => one.classList.add("lit"));
  }
};

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  if (event.target.closest?.("[role=tab]") && reader()?.querySelector(".danger")) close(); // what was asked there is over
  const button = event.target.closest?.("[data-do]");
  if (!button) return;
  const what = button.dataset.do;
  if (what === "close") return close();
  if (!told.includes(what)) return;
  if (what === "forget" && !button.dataset.sure) { // for good, so twice
    button.dataset.sure = "yes";
    button.textContent = "Delete for good";
    return;
  }
  if (what === "open" && !button.closest("#reader")) opener = button;
  if (button.closest("details.drop-down")) button.closest("details").open = false;
  trigger(what, { ...button.dataset });
  if (what === "within") { // ask there, with the article beside it where there is room
    if (innerWidth < 900) delete reader().dataset.open;
    document.querySelector("#question textarea")?.focus({ preventScroll: true });
  }
  if (what === "removed") { window.rag.clear(); close(); }
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("#rows input")) return;
  chosen[target.checked ? "add" : "delete"](target.dataset.article);
  showChosen();
});
document.addEventListener("focusin", ({ target }) => { // any script, in either direction
  if (target.matches?.("textarea, input[type=text]")) target.dir = "auto";
});
for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => light(event.target));
document.addEventListener("keydown", (event) => {
  if (["Enter", " "].includes(event.key) && event.target.matches?.("rect[data-do]")) {
    event.preventDefault();
    event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.drop-down[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  else if (reader()?.dataset.open) close();
  else document.querySelector("#editing")?.click();
});

const chosen = new Set(); // articles, by id: Gradio puts others into the same boxes
const showChosen = () => {
  document.querySelectorAll("#rows input").forEach((box) => { box.checked = chosen.has(box.dataset.article); });
  const bar = document.querySelector("#with-chosen"), told = chosen.size ? `${chosen.size} chosen` : "";
  if (bar && bar.dataset.chosen !== told) bar.dataset.chosen = told;
};
const opened = new Set(); // what is open in an answer stays so when the answer is told anew, as after a judgement
const place = (part) => `${part.closest("[data-turn]").dataset.turn} ${part.firstElementChild.textContent}`;
document.addEventListener("toggle", ({ target }) => {
  if (target.matches(".answer .drop-down")) { // it opens upward, where there is room
    const log = target.closest(".panel-wrap"), menu = target.querySelector(".menu");
    menu.classList.toggle("below", target.getBoundingClientRect().top - menu.offsetHeight < log.getBoundingClientRect().top);
  }
  if (target.matches(".answer details:not(.drop-down)")) opened[target.open ? "add" : "delete"](place(target));
}, true);

let asked = 0;
new MutationObserver(() => {
  const questions = document.querySelectorAll("#chat .question");
  if (questions.length < asked) opened.clear(); // another conversation
  document.querySelectorAll(".answer details:not(.drop-down, [open])").forEach((part) => {
    if (opened.has(place(part))) part.open = true;
  });
  const last = questions[questions.length - 1], log = last?.closest(".panel-wrap");
  if (log && questions.length > asked) log.scrollTop += last.getBoundingClientRect().top - log.getBoundingClientRect().top;
  asked = questions.length;
  showChosen();
}).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-article"] });

window.rag = {
  chosen: () => [...chosen].join(" "),
  clear() { chosen.clear(); showChosen(); },
  read() { // the reader holds an article, or a question about articles: show it at its mark
    requestAnimationFrame(() => {
      if (!reader().textContent.trim()) return; // what was to be read is gone
      reader().dataset.open = "yes";
      const mark = document.querySelector("#reader mark");
      if (mark) reader().scrollTop += mark.getBoundingClientRect().top - innerHeight / 3;
      else reader().scrollTop = 0;
      (mark ?? document.querySelector("#reader button"))?.focus({ preventScroll: true });
    });
  },
  async deliver({ how, name, kind, text }) {
    if (how === "download") {
      const link = Object.assign(document.createElement("a"), { download: name });
      link.href = URL.createObjectURL(new Blob([text], { type: kind }));
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      return;
    }
    try { await navigator.clipboard.writeText(text); }
    catch { // not allowed, or not over https
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const said = document.querySelector("#told") ?? document.body.appendChild(
      Object.assign(document.createElement("div"), { id: "told", role: "status" }));
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = ""; }, 1500);
  },
};
