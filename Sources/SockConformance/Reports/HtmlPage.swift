// How the page of the HTML report looks, and what its buttons do.

enum HtmlPage {
  static let style = """
    :root {
      --back: #f6f7f9; --card: #ffffff; --text: #1c2430; --quiet: #6a7484; --line: #e1e5eb; --soft: #eef1f5;
      --pass: #1a7f45; --fail: #c62835; --error: #9c1c7d; --warn: #9a6400; --info: #2463b8; --grey: #606b7a;
      --c0: #2463b8; --c1: #a2540a; --c2: #1a7f6c; --c3: #8a3ab0; --c4: #b02a60; --c5: #5a6b12;
      --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --back: #12161c; --card: #1a2029; --text: #dfe5ee; --quiet: #8e99a9; --line: #2b3441; --soft: #232b36;
        --pass: #4cc580; --fail: #ff7680; --error: #ee82d3; --warn: #e5ac4b; --info: #71aefc; --grey: #9ba6b5;
        --c0: #71aefc; --c1: #eda463; --c2: #54cdb4; --c3: #cf97ee; --c4: #f288af; --c5: #b9cc60;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
    header, main { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
    header { padding-top: 1.5rem; }
    h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; }
    h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
    h3 { font: 600 .95rem var(--mono); margin: 1.4rem 0 .5rem; overflow-wrap: anywhere; }
    h4 { margin: 1rem 0 .3rem; font-size: .8rem; color: var(--quiet); text-transform: uppercase; letter-spacing: .04em; }
    .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; }
    .state.good { color: var(--pass); } .state.bad { color: var(--fail); }
    .facts, .quiet { color: var(--quiet); margin: 0; font-weight: 400; }
    .tools { display: flex; flex-wrap: wrap; gap: .75rem; justify-content: space-between; margin: 1rem 0 0; }
    .chips { display: flex; flex-wrap: wrap; gap: .4rem; flex: 1 1 30rem; }
    .bar { display: flex; gap: 2px; height: 6px; border-radius: 3px; overflow: hidden; flex: 1 0 100%; }
    .bar i { background: var(--v); }
    button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
      border-radius: 6px; padding: .25rem .7rem; }
    button { cursor: pointer; }
    button:focus-visible, input:focus-visible, summary:focus-visible, a:focus-visible {
      outline: 2px solid var(--info); outline-offset: 2px; }
    .chip { border-radius: 99px; color: var(--v); border-color: currentColor; }
    .chip[aria-pressed=false] { color: var(--quiet); border-color: var(--line); text-decoration: line-through; opacity: .7; }
    #bytes[aria-pressed=true] { background: var(--info); border-color: var(--info); color: var(--card); }
    .find { display: flex; gap: .4rem; align-self: end; flex: 0 1 auto; }
    .find input { width: 15rem; min-width: 6rem; }
    .missing { margin: 1rem 0 0; color: var(--fail); }
    .better { margin-top: 1rem; color: var(--pass); } .better ul { margin: .2rem 0; color: var(--text); }
    .v-pass { --v: var(--pass); } .v-fail { --v: var(--fail); } .v-error { --v: var(--error); }
    .v-warning, .v-flaky, .v-known { --v: var(--warn); }
    .v-todo, .v-noted { --v: var(--info); } .v-skip, .v-inconclusive { --v: var(--grey); }
    .badge { display: inline-block; min-width: 4.6em; padding: .05em .6em; border-radius: 4px; text-align: center;
      font-size: .8rem; font-weight: 600; color: var(--v); text-decoration: none;
      background: color-mix(in srgb, var(--v) 13%, transparent); }
    a.badge:hover { text-decoration: underline; }
    .level { font-size: .75rem; font-weight: 700; letter-spacing: .03em; text-transform: uppercase; color: var(--grey); }
    .l-must { color: var(--text); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; }
    #matrix table { background: var(--card); border: 1px solid var(--line); border-radius: 8px; border-spacing: 0;
      border-collapse: separate; overflow: hidden; }
    #matrix th, #matrix td { text-align: left; vertical-align: top; padding: .35rem .8rem; font-weight: 400; }
    #matrix thead th { font-weight: 600; background: var(--soft); }
    #matrix tbody th { white-space: nowrap; width: 1%; padding-right: 2rem; }
    #matrix td:has(.level) { width: 1%; }
    #matrix tr.first > * { border-top: 1px solid var(--line); }
    #matrix .cell { text-align: center; width: 1%; white-space: nowrap; }
    .test { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--v, var(--line));
      border-radius: 6px; margin: .3rem 0; content-visibility: auto; contain-intrinsic-size: auto 2.4rem; }
    .test[data-verdict=fail] { --v: var(--fail); } .test[data-verdict=error] { --v: var(--error); }
    .test[data-verdict=warning], .test[data-verdict=flaky], .test[data-verdict=known] { --v: var(--warn); }
    .test:target { box-shadow: 0 0 0 2px var(--info); }
    summary { cursor: pointer; }
    .test > summary { list-style: none; display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .6rem;
      padding: .4rem .8rem; }
    .test > summary::-webkit-details-marker { display: none; }
    .name { font-weight: 550; overflow-wrap: anywhere; }
    .tag { font-size: .8rem; color: var(--quiet); background: var(--soft); border-radius: 4px; padding: 0 .4em; }
    .cite { color: var(--quiet); font-size: .85rem; }
    .time { margin-left: auto; color: var(--quiet); font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .message { flex: 1 0 100%; padding-left: 4.28rem; color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
    .body { padding: 0 .8rem .8rem; border-top: 1px solid var(--line); }
    .body > p { margin: .5rem 0; font-size: .85rem; } .note { color: var(--pass); }
    pre, code { font: 13px/1.45 var(--mono); }
    pre { margin: .4rem 0; padding: .6rem .8rem; background: var(--soft); border-radius: 6px; overflow-x: auto; }
    .channels { list-style: none; margin: 0; padding: 0; font: 13px/1.6 var(--mono); display: flex; flex-wrap: wrap; gap: 0 2rem; }
    .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
    .c4 { color: var(--c4); } .c5 { color: var(--c5); }
    .line { margin-top: .5rem; font: 13px/1.45 var(--mono); }
    .line td { padding: .1rem .5rem; vertical-align: top; }
    .line tr + tr td { border-top: 1px solid var(--soft); }
    .line .at { text-align: right; color: var(--quiet); white-space: nowrap; font-variant-numeric: tabular-nums; width: 1%; }
    .line .who, .line .way { white-space: nowrap; width: 1%; } .line b { font-weight: 600; }
    .line .way { padding: .1rem 0; }
    .line .what code { white-space: pre-wrap; overflow-wrap: anywhere; }
    .line .event .what { color: var(--quiet); font-style: italic; }
    .line .out { background: color-mix(in srgb, var(--info) 5%, transparent); }
    .line .place { color: var(--quiet); text-align: right; white-space: nowrap; width: 1%; }
    .hex { display: none; margin: .2rem 0 .3rem; padding: .3rem .6rem; color: var(--quiet); }
    .hex.shown, .with-hex .hex { display: block; }
    [hidden] { display: none !important; }
    #nothing { color: var(--quiet); }
    main { padding-bottom: 4rem; }
    @media (max-width: 40rem) { .line .place { display: none; } .find { flex: 1 1 100%; } .find input { flex: 1; } }
    @media print { .tools .find { display: none; } .test { break-inside: avoid; } }

    """

  static let script = #"""
    "use strict";
    const tests = [...document.querySelectorAll(".test")];
    const chips = [...document.querySelectorAll(".chip")];
    const search = document.getElementById("search");

    // Whether a test is shown depends on the pressed verdicts and on all words of the search.
    function show() {
      const verdicts = new Set(chips.filter(c => c.ariaPressed === "true").map(c => c.dataset.verdict));
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const test of tests) {
        const isShown = verdicts.has(test.dataset.verdict) && words.every(w => test.dataset.words.includes(w));
        test.hidden = !isShown;
        if (isShown) count++;
      }
      for (const file of document.querySelectorAll(".file")) file.hidden = !file.querySelector(".test:not([hidden])");
      document.getElementById("nothing").hidden = count > 0;
    }

    // A click shows only that verdict; with one shown already, it adds or takes away; the last one taken brings all back.
    for (const chip of chips) chip.addEventListener("click", () => {
      const all = chips.every(c => c.ariaPressed === "true");
      if (all && chips.length > 1) for (const other of chips) other.ariaPressed = String(other === chip);
      else chip.ariaPressed = String(chip.ariaPressed !== "true");
      if (chips.every(c => c.ariaPressed !== "true")) for (const other of chips) other.ariaPressed = "true";
      show();
    });
    search.addEventListener("input", show);
    document.addEventListener("keydown", event => {
      if (event.key === "/" && event.target !== search) { event.preventDefault(); search.focus(); }
      if (event.key === "Escape" && event.target === search) { search.value = ""; show(); }
    });

    const expand = document.getElementById("expand");
    expand.addEventListener("click", () => {
      const opens = expand.textContent === "Open all";
      for (const test of tests) if (!test.hidden) test.open = opens;
      expand.textContent = opens ? "Close all" : "Open all";
    });
    const bytes = document.getElementById("bytes");
    bytes.addEventListener("click", () => {
      bytes.ariaPressed = String(document.body.classList.toggle("with-hex"));
    });

    // A link to a test opens it, whatever the filter hides.
    function follow() {
      const test = document.getElementById(location.hash.slice(1));
      if (!test || !test.classList.contains("test")) return;
      test.hidden = false;
      test.parentElement.hidden = false;
      test.open = true;
      test.scrollIntoView({ block: "start" });
    }
    addEventListener("hashchange", follow);
    follow();

    """#
}
