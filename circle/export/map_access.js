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
    under.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window, clientX, clientY }));
  }

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
    opener = document.activeElement === document.body ? null : document.activeElement;
  });

  function speak() {
    box.setAttribute("aria-label", said().title);
    keys.textContent = T.keys;
    panel.node.setAttribute("aria-label", T.panel);
    [["in", T.zoom_in], ["out", T.zoom_out]].forEach(([way, content]) => {
      const button = box.querySelector(`.leaflet-control-zoom-${way}`);
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

  // paper has a size of its own: the same part of the map is drawn for it, and for the screen again afterwards
  let seen = null;
  window.addEventListener("beforeprint", () => {
    if (seen) return;
    seen = { bounds: map.getBounds(), centre: map.getCenter(), zoom: map.getZoom() };
    box.classList.add("circle-paper");
    map.invalidateSize({ animate: false });
    map.fitBounds(view.zoomedIn() ? seen.bounds : view.whole, { animate: false, paddingBottomRight: [panel.beside(), 0] });
  });
  window.addEventListener("afterprint", () => {
    if (!seen) return;
    box.classList.remove("circle-paper");
    map.invalidateSize({ animate: false });
    map.setView(seen.centre, seen.zoom, { animate: false });
    seen = null;
  });

  map.on("resize", place);
  new ResizeObserver(place).observe(panel.node);
  return { speak };
}
