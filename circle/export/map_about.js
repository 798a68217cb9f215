// What gap_map.html says of itself: how it counts, where the data come from, and whose programs it carries.

function circleAbout(words) {
  const { T, said, el } = words;
  const node = el("details", "circle-about"), title = el("summary"), body = el("div");

  function speak() {
    title.textContent = T.about;
    body.replaceChildren(el("p", "circle-note", said().notes));
  }

  node.append(title, body);
  return { node, speak };
}
