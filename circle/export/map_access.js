// The map of gap_map.html without a mouse, without motion, on paper and on a narrow screen.

function circleAccess(map, view, panel) {
  const { T, said, el } = view.words;
  const box = map.getContainer();
  const cross = el("div", "circle-cross");
  cross.setAttribute("aria-hidden", "true");
  const keys = el("p", "circle-keys");
  keys.id = "circle-keys";
  let opener = null; // what had the focus when a card was opened

  box.setAttribute("role", "main");
  box.setAttribute("aria-describedby", keys.id);
  box.append(keys, cross);

  // back to the whole, below the buttons that zoom
  const home = el("a", "circle-home", "⤢");
  home.href = "#";
  home.setAttribute("role", "button");
  L.DomEvent.disableClickPropagation(home);
  home.addEventListener("click", (event) => { event.preventDefault(); map.closePopup(); view.lookAtAll(); });
  box.querySelector(".leaflet-control-zoom").append(home);

  // the middle of what the panel leaves free: there Enter asks, and there the cross stands
  function middle() {
    const { x, y } = map.getSize();
    return L.point((x - panel.beside() + 10) / 2, (y - panel.covers()) / 2);
  }

  function place() {
    const { x, y } = middle();
    Object.assign(cross.style, { left: `${x}px`, top: `${y}px` });
    box.style.setProperty("--circle-below", `${panel.covers()}px`);
  }

  // as a click of the mouse: whatever lies there hears it
  function ask() {
    const frame = box.getBoundingClientRect(), at = middle();
    const clientX = frame.left + at.x, clientY = frame.top + at.y;
    const under = document.elementFromPoint(clientX, clientY) || box;
    view.byKey = true; // whoever asks by keyboard goes on in the card
    under.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window, clientX, clientY }));
    view.byKey = false;
  }

  // Leaflet gives the map the focus when it is clicked, and a browser takes that for the keyboard's
  box.addEventListener("pointerdown", () => box.classList.add("circle-pointed"), true);
  document.addEventListener("keydown", () => box.classList.remove("circle-pointed"), true);

  box.addEventListener("keydown", (event) => {
    if (event.target === box && event.key === "Enter") { event.preventDefault(); ask(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.querySelector(".leaflet-popup")) return;
    const back = opener;
    map.closePopup();
    if (back && back.isConnected) back.focus({ preventScroll: true });
  });
  map.on("popupopen", ({ popup }) => {
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) { close.setAttribute("aria-label", T.close); close.title = T.close; }
    const content = popup.getElement().querySelector(".leaflet-popup-content");
    content.setAttribute("role", "status");
    const card = content.querySelector(".circle-popup");
    if (card && card.scrollHeight > card.clientHeight) card.tabIndex = 0; // scrolled by keyboard
    opener = document.activeElement === document.body ? null : document.activeElement;
  });

  function speak() {
    box.setAttribute("aria-label", said().title);
    keys.textContent = T.keys;
    panel.node.setAttribute("aria-label", T.panel);
    [[".leaflet-control-zoom-in", T.zoom_in], [".leaflet-control-zoom-out", T.zoom_out], [".circle-home", T.zoom_home]].forEach(([way, content]) => {
      const button = box.querySelector(way);
      if (button) { button.title = content; button.setAttribute("aria-label", content); }
    });
    place();
  }

  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const glide = map.panBy;
    map.panBy = (offset, options) => glide.call(map, offset, { ...options, animate: false });
    map._zoomAnimated = false;
    Object.assign(map.options, { fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false, inertia: false });
  }

  // on paper what is on the screen, as large as A4 allows: a canvas that is painted anew while printing comes out empty
  const PAPER = [1046, 710]; // pixels of 277 by 188 mm
  window.addEventListener("beforeprint", () => {
    const { x, y } = map.getSize();
    const scale = Math.min(PAPER[0] / x, PAPER[1] / y);
    Object.entries({ width: `${x}px`, height: `${y}px`, scale: String(scale), panel: `${panel.node.offsetWidth}px` }).forEach(([name, value]) => box.style.setProperty(`--circle-${name}`, value));
    box.classList.add("circle-paper");
  });
  window.addEventListener("afterprint", () => box.classList.remove("circle-paper"));

  map.on("resize", place);
  new ResizeObserver(place).observe(panel.node);
  return { speak };
}
