// Tiles of a server below gap_map.html, where they were asked for. Until the first has come, and without internet, the data's own background stays.

function circleTiles(map, data, { words, state }) {
  const { el } = words;
  const source = data.tiles;
  if (!source) return { show: () => {} };
  const above = map.createPane("circle-tile-names"); // a second layer has the names: above the colours, below the dots
  above.style.zIndex = 255;
  above.style.pointerEvents = "none";
  const group = L.layerGroup(source.urls.map((url, i) => {
    const options = { subdomains: source.subdomains, maxNativeZoom: source.closest, maxZoom: 24, crossOrigin: false };
    return L.tileLayer(url, i ? { ...options, pane: "circle-tile-names" } : options)
      .on("tileload", () => map.getContainer().classList.toggle("circle-tiled", state.tiles));
  }));
  let named = "";

  function show() {
    map.attributionControl.removeAttribution(named);
    if (!state.tiles) {
      group.remove();
      map.getContainer().classList.remove("circle-tiled");
      return;
    }
    named = el("span", "", source.owner[state.lang]).innerHTML; // as text: a host's name is the user's
    map.attributionControl.addAttribution(named);
    group.addTo(map);
  }
  return { show };
}
