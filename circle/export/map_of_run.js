// What gap_map.html knows only at the limits that were asked for and for all residents: said beside the slider as soon as it stands elsewhere.

function circleOfRun(data, view) {
  const { people, words, state } = view;
  const { T, said, fill, el, limitWords } = words;
  const node = el("div", "circle-of-run");
  const reached = (limit) => limit <= ((data.main * state.at) / data.people.main) * (1 + 1e-9);

  // whether gap zones are of the limit that is looked at
  const holds = () => !people.places || state.at === data.people.main;

  function sentences() {
    const gaps = state.gaps && data.services[state.service].gaps.length > 0, found = [];
    if (gaps && !holds()) found.push(fill(T.run_gaps, { limit: said().main, at: limitWords(state.at) }));
    if (state.shading === "isochrones" && !data.people.limits.includes(state.at)) found.push(fill(T.run_areas, { limits: said().limits.join(T.run_joint) }));
    if (gaps && state.group > 0) found.push(T.run_groups);
    return found;
  }

  function back() {
    const button = el("button", "", fill(T.run_back, { limit: said().main }));
    button.type = "button";
    button.addEventListener("click", () => { view.backToRun(); document.querySelector("#circle-at").focus({ preventScroll: true }); });
    return button;
  }

  // true if something else is said than before
  function say() {
    const found = people.places ? sentences() : [], away = found.length > 0 && state.at !== data.people.main;
    const told = JSON.stringify([state.lang, away, found]);
    if (node.told === told) return false;
    node.told = told;
    node.hidden = !found.length;
    node.replaceChildren(...found.map((sentence) => el("p", "circle-note", sentence)), ...(away ? [back()] : []));
    return true;
  }

  return { node, holds, reached, say, lines: () => node.childElementCount };
}
