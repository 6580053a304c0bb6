// How the page of the HTML report looks, and what its buttons do.

enum HtmlPage {
  static let style = """
    :root {
      --back: #f6f7f9; --card: #ffffff; --text: #1c2430; --quiet: #5f6978; --line: #e1e5eb; --soft: #eef1f5;
      --pass: #1a7f45; --fail: #c62835; --error: #9c1c7d; --warn: #8a5a00; --info: #2463b8; --grey: #606b7a;
      --c0: #2463b8; --c1: #a2540a; --c2: #1a7f6c; --c3: #8a3ab0; --c4: #b02a60; --c5: #5a6b12;
      --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --back: #12161c; --card: #1a2029; --text: #dfe5ee; --quiet: #98a3b3; --line: #2b3441; --soft: #232b36;
        --pass: #4cc580; --fail: #ff7680; --error: #ee82d3; --warn: #e5ac4b; --info: #71aefc; --grey: #9ba6b5;
        --c0: #71aefc; --c1: #eda463; --c2: #54cdb4; --c3: #cf97ee; --c4: #f288af; --c5: #b9cc60;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
    header, main { max-width: 80rem; margin: 0 auto; padding: 0 1.25rem; }
    header { padding-top: 1.5rem; }
    h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; }
    h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
    h3 { font: 600 .95rem var(--mono); margin: 1.4rem 0 .5rem; overflow-wrap: anywhere; }
    h4 { margin: 1rem 0 .3rem; font-size: .8rem; color: var(--quiet); text-transform: uppercase; letter-spacing: .04em; }
    a { color: var(--info); }
    .scripted { display: none !important; }
    .js .scripted { display: flex !important; }
    .js .plain { display: none; }
    .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; }
    .state.good { color: var(--pass); } .state.bad { color: var(--fail); }
    .facts, .quiet { color: var(--quiet); margin: 0; font-weight: 400; }
    .run { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; margin: .7rem 0 .9rem; font-size: .85rem; }
    .run div { display: flex; align-items: baseline; gap: .5rem; max-width: 100%; }
    .run dt { color: var(--quiet); } .run dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
    .run dd code { display: block; max-height: 4.4em; overflow-y: auto; }
    .tools { display: flex; flex-wrap: wrap; gap: .75rem; justify-content: space-between; margin: .8rem 0 0; }
    .chips { display: flex; flex-wrap: wrap; gap: .4rem; flex: 1 1 24rem; }
    .bar { display: flex; gap: 2px; height: 6px; border-radius: 3px; overflow: hidden; margin-top: .3rem; }
    .bar i { background: var(--v); min-width: 3px; }
    button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
      border-radius: 6px; padding: .25rem .7rem; }
    button { cursor: pointer; }
    button:focus-visible, input:focus-visible, summary:focus-visible, a:focus-visible {
      outline: 2px solid var(--info); outline-offset: 2px; }
    .chip { border-radius: 99px; color: var(--v); border-color: currentColor; }
    .chip[aria-pressed=false] { color: var(--quiet); border-color: var(--line); text-decoration: line-through; opacity: .7; }
    #bytes[aria-pressed=true] { background: var(--info); border-color: var(--info); color: var(--card); }
    .find { display: flex; gap: .4rem; align-self: end; flex: 0 1 auto; }
    .find input { width: 18rem; min-width: 6rem; } .find button { white-space: nowrap; }
    .missing { margin: 1rem 0 0; color: var(--fail); overflow-wrap: anywhere; }
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
    #matrix table, #causes table, #differences table { background: var(--card); border: 1px solid var(--line);
      border-radius: 8px; border-spacing: 0; border-collapse: separate; overflow: hidden; }
    #matrix th, #matrix td, #causes td, #differences :is(th, td) {
      text-align: left; vertical-align: top; padding: .35rem .8rem; font-weight: 400; }
    #matrix thead th { font-weight: 600; background: var(--soft); }
    #matrix tbody th { white-space: nowrap; width: 1%; padding-right: 2rem; }
    #matrix td:has(.level) { width: 1%; }
    #matrix tr.first > *, #causes tr + tr > *, #differences tr + tr > * { border-top: 1px solid var(--line); }
    #matrix .cell { text-align: center; width: 1%; white-space: nowrap; }
    #causes > details > summary { color: var(--quiet); margin: .5rem 0; }
    #causes td, #differences td, #differences p { overflow-wrap: anywhere; }
    #differences th { white-space: nowrap; width: 1%; font-weight: 600; } #differences p { margin: .2rem 0; }
    #causes .count { width: 1%; white-space: nowrap; overflow-wrap: normal; text-align: right; color: var(--fail);
      font-weight: 700; font-variant-numeric: tabular-nums; }
    .links { font-size: .85rem; display: flex; flex-wrap: wrap; gap: 0 1rem; }
    .links span { overflow-wrap: anywhere; } .links small { color: var(--quiet); }
    .from { overflow-wrap: anywhere; white-space: normal; margin-right: .4rem; }
    .links details { color: var(--quiet); } .links details a { margin-right: .5rem; }
    .test { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--v, var(--line));
      border-radius: 6px; margin: .3rem 0; content-visibility: auto; contain-intrinsic-size: auto 2.4rem; }
    .test[data-verdict=fail] { --v: var(--fail); } .test[data-verdict=error] { --v: var(--error); }
    .test[data-verdict=warning], .test[data-verdict=flaky], .test[data-verdict=known] { --v: var(--warn); }
    .test:is(:target, :has(> :target)) { box-shadow: 0 0 0 2px var(--info); }
    summary { cursor: pointer; }
    .test > summary { list-style: none; display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .6rem;
      padding: .4rem .8rem; }
    .test > summary::-webkit-details-marker { display: none; }
    .name { font-weight: 550; overflow-wrap: anywhere; }
    .tag { font-size: .8rem; color: var(--quiet); background: var(--soft); border-radius: 4px; padding: 0 .4em;
      overflow-wrap: anywhere; }
    .cite { color: var(--quiet); font-size: .85rem; }
    .time { margin-left: auto; color: var(--quiet); font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .message { flex: 1 0 100%; padding-left: 4.28rem; color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
    .test[open][data-verdict=fail] > summary .message, .test[open][data-verdict=error] > summary .message {
      color: var(--v); font-weight: 600; }
    .body { scroll-margin-top: 5rem; padding: 0 .8rem .8rem; border-top: 1px solid var(--line); }
    .body > p { margin: .5rem 0; font-size: .85rem; } .note { color: var(--pass); }
    pre, code, samp { font: 13px/1.45 var(--mono); }
    pre { margin: .4rem 0; padding: .6rem .8rem; background: var(--soft); border-radius: 6px; overflow-x: auto; }
    mark { background: color-mix(in srgb, var(--fail) 22%, transparent); color: inherit; border-radius: 2px;
      box-shadow: 0 0 0 1px color-mix(in srgb, var(--fail) 55%, transparent); }
    .account { white-space: pre-wrap; overflow-wrap: anywhere; }
    .row { white-space: pre; } .try .account { font-size: 12px; margin: 0; }
    .want { color: var(--pass); } .got { color: var(--fail); } .help { color: var(--info); }
    .excerpts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 .8rem; }
    figure { margin: .4rem 0 0; min-width: 0; }
    figcaption { font: 12px var(--mono); color: var(--quiet); overflow-wrap: anywhere; }
    .source { margin: .2rem 0 .4rem; padding: .4rem 0; }
    .source > * { display: block; padding: 0 .8rem; font-weight: 400; width: max-content; min-width: 100%; }
    .source i { color: var(--quiet); font-style: normal; user-select: none; }
    .source .place { background: color-mix(in srgb, var(--fail) 13%, transparent); box-shadow: inset 3px 0 var(--fail); }
    .source .call { background: color-mix(in srgb, var(--info) 12%, transparent); box-shadow: inset 3px 0 var(--info); }
    .source mark { background: none; box-shadow: 0 2px var(--fail); }
    .tries { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: .6rem; }
    .try { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; min-width: 0; }
    .try p { margin: 0 0 .3rem; overflow-wrap: anywhere; }
    .channels { list-style: none; margin: 0; padding: 0; font: 13px/1.6 var(--mono); display: flex; flex-wrap: wrap;
      gap: 0 2rem; overflow-wrap: anywhere; }
    .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
    .c4 { color: var(--c4); } .c5 { color: var(--c5); }
    .line { list-style: none; margin: .5rem 0 0; padding: 0; font: 13px/1.45 var(--mono); }
    .line li { display: grid; grid-template-columns: 6.4rem minmax(3rem, max-content) minmax(0, 1fr) max-content;
      gap: 0 .7rem; padding: .12rem .4rem; border-left: 3px solid transparent; border-top: 1px solid var(--soft); }
    .line .at { text-align: right; color: var(--text); white-space: nowrap; font-variant-numeric: tabular-nums; }
    .line .at i { font-style: normal; color: var(--quiet); opacity: .7; }
    .line .who { font-weight: 600; max-width: 10rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .line .what { min-width: 0; overflow-wrap: anywhere; position: relative; padding-left: 1.3em; }
    .line .way { position: absolute; left: 0; }
    .line code, .line samp { white-space: pre-wrap; }
    .line .event .what { color: var(--quiet); font-style: italic; }
    .line .out { background: color-mix(in srgb, var(--info) 5%, transparent); }
    .line .place { color: var(--quiet); white-space: nowrap; grid-column: -2; text-align: right; }
    .line li.bad { border-left-color: var(--fail); background: color-mix(in srgb, var(--fail) 9%, transparent); }
    .line li.bad code, .line li.bad samp, .line li.bad .way { color: var(--fail); }
    .line li.fault { border-left-color: var(--fail); background: color-mix(in srgb, var(--fail) 16%, transparent); }
    .line li.fault .what { color: var(--fail); font-weight: 600; }
    .line li.hit { box-shadow: inset 0 0 0 1px var(--warn); }
    .line li.now { outline: 2px solid var(--info); outline-offset: -1px; }
    .line .lanes { display: none; }
    .many .l1 .what { margin-left: .8rem; } .many .l2 .what { margin-left: 1.6rem; }
    .many .l3 .what { margin-left: 2.4rem; }
    .many .l4 .what { margin-left: 3.2rem; } .many .l5 .what { margin-left: 4rem; }
    @media (min-width: 60rem) {
      .n2 li { grid-template-columns: 6.4rem repeat(2, minmax(0, 1fr)) 11rem; }
      .n3 li { grid-template-columns: 6.4rem repeat(3, minmax(0, 1fr)) 11rem; }
      .n4 li { grid-template-columns: 6.4rem repeat(4, minmax(0, 1fr)) 11rem; }
      .n2 .who, .n3 .who, .n4 .who { display: none; }
      :is(.n2, .n3, .n4) .lanes { display: grid; background: var(--soft); border-radius: 6px 6px 0 0; }
      :is(.n2, .n3, .n4) :is(li.l0 .what, .lanes .l0) { grid-column: 2; }
      :is(.n2, .n3, .n4) :is(li.l1 .what, .lanes .l1) { grid-column: 3; }
      :is(.n3, .n4) :is(li.l2 .what, .lanes .l2) { grid-column: 4; }
      .n4 :is(li.l3 .what, .lanes .l3) { grid-column: 5; }
      :is(.n2, .n3, .n4) li.l0 .what { border-left: 2px solid var(--c0); }
      :is(.n2, .n3, .n4) li.l1 .what { border-left: 2px solid var(--c1); }
      :is(.n2, .n3, .n4) li.l2 .what { border-left: 2px solid var(--c2); }
      :is(.n2, .n3, .n4) li.l3 .what { border-left: 2px solid var(--c3); }
      :is(.n2, .n3, .n4) .fault:not(.l0, .l1, .l2, .l3) .what { grid-column: 2 / -2; }
      :is(.n2, .n3, .n4) li > * { grid-row: 1; }
      :is(.n2, .n3, .n4) .place { white-space: normal; overflow-wrap: anywhere; }
      .n2 li.l0:has(.hex.shown) .what { grid-column: 2 / -2; }
      .n3 li:is(.l0, .l1, .l2):has(.hex.shown) .what { grid-column: 2 / -2; }
      .n4 li:is(.l0, .l1, .l2, .l3):has(.hex.shown) .what { grid-column: 2 / -2; }
      :is(.n2, .n3, .n4) .what { padding-left: 1.75em; } :is(.n2, .n3, .n4) .way { left: .45em; }
    }
    .scrub { position: sticky; top: 0; z-index: 1; background: var(--card); padding: .3rem 0; display: flex; gap: .8rem;
      align-items: center; font: 13px var(--mono); }
    .scrub div { position: relative; flex: 1; height: 1.7rem; }
    .scrub i { position: absolute; top: .1rem; width: 2px; height: .6rem; margin-left: -1px; background: currentColor; }
    .scrub i.fault { color: var(--fail); height: 1rem; width: 3px; }
    .scrub input { position: absolute; left: -8px; bottom: 0; width: calc(100% + 16px); height: 1rem; margin: 0; padding: 0;
      background: none; border: 0; accent-color: var(--info); }
    .scrub output { min-width: 11.5rem; text-align: right; color: var(--quiet); font-variant-numeric: tabular-nums; }
    .hex { margin: .2rem 0 .3rem; padding: .3rem .6rem; color: var(--quiet); }
    .hex.made { display: none; } .with-hex .hex.made { display: block; }
    .rest summary { color: var(--quiet); font-size: 12px; }
    .others:not(:has(.file:not([hidden]))) { display: none; }
    [hidden] { display: none !important; }
    #nothing { color: var(--quiet); }
    main { padding-bottom: 4rem; }
    @media (max-width: 40rem) {
      header, main { padding-left: .7rem; padding-right: .7rem; }
      .find { flex: 1 1 100%; flex-wrap: wrap; } .find input { flex: 1 1 100%; }
      .chips { flex-basis: 100%; }
      .message { padding-left: 0; }
      .test > summary { padding: .4rem .6rem; } .body { padding: 0 .5rem .6rem; }
      .line li { grid-template-columns: max-content 1fr; padding: .25rem .4rem; }
      .line .what { grid-column: 1 / -1; margin-left: 0 !important; }
      .line .place { display: none; }
      .line .at { text-align: left; }
      .line li:is(.l0, .l1, .l2, .l3, .l4, .l5):not(.bad, .fault) { border-left-color: var(--lane, transparent); }
      .l0 { --lane: var(--c0); } .l1 { --lane: var(--c1); } .l2 { --lane: var(--c2); } .l3 { --lane: var(--c3); }
      .l4 { --lane: var(--c4); } .l5 { --lane: var(--c5); }
      .scrub output { min-width: 0; }
      .hex { padding: .3rem; font-size: 11px; }
    }
    @media print { .tools { display: none !important; } .test { break-inside: avoid; } }

    """

  /// Of the script, as the page's policy names it (Content Security Policy Level 3, section 2.3.1): SHA-256 in Base64
  /// of what stands between the tags.
  static let scriptHash = "sha256-bA1vBYvFmtkImDKw17Do79rRCTPsJNoNTEY1w1miY2s="

  static let script = #"""

    "use strict";
    document.documentElement.classList.add("js");
    const tests = [...document.querySelectorAll(".test")];
    const files = [...document.querySelectorAll(".file")];
    const chips = [...document.querySelectorAll(".chip")];
    const search = document.getElementById("search");

    // All that stands in a test, its bytes too; read when it is first searched.
    const texts = new Map();
    function textOf(test) {
      let text = texts.get(test);
      if (text === undefined) texts.set(test, text = test.textContent.toLowerCase());
      return text;
    }

    // Words, and "several words" in quotes.
    function wanted() {
      return [...search.value.toLowerCase().matchAll(/"([^"]+)"|[^\s"]+/g)].map(m => m[1] ?? m[0]);
    }

    // Whether a test is shown depends on the pressed verdicts and on all words of the search.
    function show() {
      const verdicts = new Set(chips.filter(c => c.ariaPressed === "true").map(c => c.dataset.verdict));
      const words = wanted();
      let count = 0;
      const shown = new Set();
      for (const test of tests) {
        const isShown = verdicts.has(test.dataset.verdict) && words.every(w => textOf(test).includes(w));
        if (test.hidden === isShown) test.hidden = !isShown;
        if (isShown) { count++; shown.add(test.parentElement); if (test.open) mark(test, words); }
      }
      for (const file of files) file.hidden = !shown.has(file);
      document.getElementById("nothing").hidden = count > 0;
    }

    // The events in which a word of the search stands.
    function mark(test, words) {
      for (const event of test.querySelectorAll(".line li")) {
        const text = words.length ? event.textContent.toLowerCase() : "";
        event.classList.toggle("hit", words.some(w => text.includes(w)));
      }
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

    // Hex of what is text is made from the text, when it is first wanted.
    const bytes = document.getElementById("bytes");
    bytes.addEventListener("click", () => {
      bytes.ariaPressed = String(document.body.classList.toggle("with-hex"));
      for (const test of tests) if (test.open) addHex(test);
    });
    const escapes = { n: "\n", r: "\r", t: "\t" };
    function addHex(test) {
      if (!document.body.classList.contains("with-hex") || test.dataset.hex) return;
      test.dataset.hex = "1";
      for (const what of test.querySelectorAll(".line .what")) {
        const codes = [...what.querySelectorAll("code:not(.binary)")];
        const text = codes.flatMap(code => code.textContent.split("\n")).map(line => line.slice(1, -1)).join("")
          .replace(/\\(.)/g, (_, c) => escapes[c] ?? c);
        if (!text) continue;
        const rows = [];
        for (let at = 0; at < text.length; at += 16) {
          const part = [...text.slice(at, at + 16)];
          const pairs = part.map((c, i) => c.charCodeAt(0).toString(16).padStart(2, "0") + (i === 7 ? "  " : " "));
          rows.push(at.toString(16).padStart(4, "0") + "  " + pairs.join("").padEnd(50)
            + part.map(c => c < " " ? "." : c).join(""));
        }
        const hex = document.createElement("pre");
        hex.className = "hex made";
        hex.textContent = rows.join("\n");
        what.append(hex);
      }
    }

    // A bar over the time line of an open test: where it stands, the event of that time is marked.
    function addScrub(test) {
      const line = test.querySelector(".line");
      if (!line || line.dataset.scrub) return;
      line.dataset.scrub = "1";
      const events = [...line.querySelectorAll("li:has(.at)")];
      const times = events.map(e => parseFloat(e.querySelector(".at").textContent));
      if (events.length < 3) return;
      const end = Math.max(times[times.length - 1], 1e-6);
      const bar = document.createElement("div");
      bar.className = "scrub";
      const ticks = document.createElement("div");
      const input = document.createElement("input");
      const output = document.createElement("output");
      Object.assign(input, { type: "range", min: 0, max: end, step: "any", value: end });
      input.setAttribute("aria-label", "Time");
      const every = Math.ceil(events.length / 400);
      events.forEach((event, i) => {
        const isFault = event.classList.contains("fault");
        if (i % every && !isFault) return;
        const tick = document.createElement("i");
        const lane = /\bl(\d+)\b/.exec(event.className);
        tick.className = isFault ? "fault" : "c" + (lane ? lane[1] % 6 : 0);
        tick.style.left = 100 * times[i] / end + "%";
        ticks.append(tick);
      });
      let now = -1;
      function go(index, moves) {
        if (now >= 0) events[now].classList.remove("now");
        now = Math.max(0, Math.min(events.length - 1, index));
        events[now].classList.add("now");
        if (moves) input.value = times[now];
        output.value = times[now].toFixed(6) + " s · " + (now + 1) + "/" + events.length;
        events[now].scrollIntoView({ block: "nearest" });
      }
      input.addEventListener("input", () => {
        let low = 0, high = events.length;
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (times[middle] <= input.value) low = middle; else high = middle;
        }
        go(low, false);
      });
      input.addEventListener("keydown", event => {
        const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        go(now < 0 ? events.length - 1 : now + step, true);
      });
      line.addEventListener("click", event => {
        const index = events.indexOf(event.target.closest("li"));
        if (index >= 0 && !getSelection().toString() && !event.target.closest("details")) go(index, true);
      });
      ticks.append(input);
      bar.append(ticks, output);
      output.value = end.toFixed(6) + " s · " + events.length;
      line.before(bar);
    }

    function opened(test) {
      addScrub(test);
      addHex(test);
      const words = wanted();
      if (words.length) mark(test, words);
    }
    document.addEventListener("toggle", event => {
      if (event.target.open && event.target.classList.contains("test")) opened(event.target);
    }, true);
    for (const test of document.querySelectorAll(".test[open]")) opened(test);

    // A link to a test opens it, whatever the filter hides.
    function follow() {
      const test = document.getElementById(location.hash.slice(1))?.closest(".test");
      if (!test) return;
      test.hidden = false;
      test.parentElement.hidden = false;
      test.open = true;
      test.scrollIntoView({ block: "start" });
    }
    addEventListener("hashchange", follow);
    follow();

    """#
}
