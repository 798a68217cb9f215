// Hills on gap_map.html: one picture, below water, roads and everything that is said of people.

function circleRelief(map, data, state) {
  const own = data.relief;
  if (!own) return { show: () => {} };
  map.createPane("circle-relief").style.zIndex = 220;
  map.getPane("circle-relief").style.pointerEvents = "none";
  const picture = L.imageOverlay(own.image, own.bounds, { pane: "circle-relief", interactive: false, alt: "" });
  return { show: () => (state.relief ? picture.addTo(map) : picture.remove()) };
}
