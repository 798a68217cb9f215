// What gap_map.html says of itself: how it counts, where the data come from, and whose programs it carries.

function circleAbout(data, words, state) {
  const { T, said, fill, el } = words;
  const node = el("details", "circle-about"), title = el("summary"), body = el("div");

  function list(heading, sentences) {
    const items = el("ul");
    items.append(...sentences.map((sentence) => el("li", "", sentence)));
    return [el("h2", "", heading), items];
  }

  function licence([name, content]) {
    const one = el("details");
    one.append(el("summary", "", name), ...content.split("\n").map((line) => el("p", "", line)));
    one.lang = "en";
    return one;
  }

  function speak() {
    const { data: sources, programs } = data.about.said[state.lang];
    title.textContent = T.about;
    body.replaceChildren(
      el("p", "circle-note", said().notes), ...(data.relief ? [el("p", "circle-note", fill(T.relief_note, { factor: data.relief.z }))] : []),
      ...list(T.about_data, sources), ...list(T.about_programs, programs),
      ...data.about.licences.map(licence));
  }

  node.append(title, body);
  return { node, speak };
}
