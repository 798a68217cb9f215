// The card of a county on province_map.html. Text from data only ever becomes textContent.

function countyCard(data, view) {
  const { words, state, numbers } = view;
  const { T, said, fill, el, popup, peopleWords, shareWords, costWords } = words;
  let node = null;

  function services(i) {
    const table = el("table", "circle-shares"), head = el("tr");
    const columns = [T.service, T.county_covered, T.straight, T.county_lacking, T.county_median];
    head.append(...columns.map((content, k) => el("th", k === 2 ? "circle-straight" : "", content)));
    table.append(head);
    said().services.forEach(({ name }, s) => {
      const own = numbers.of(s, state.group, i), row = el("tr");
      if (own.share === null && own.uncovered === null) return;
      const cells = [name, shareWords(own.share), shareWords(own.straight), peopleWords(own.uncovered || 0), own.median === undefined || own.share === null ? "–" : costWords(own.median)];
      row.append(...cells.map((content, k) => el("td", ["", "circle-share circle-figure", "circle-straight circle-figure", "circle-figure", "circle-figure"][k], content)));
      if (s === state.service) row.className = "circle-chosen";
      table.append(row);
    });
    return table;
  }

  function changes(i) {
    const own = numbers.of(state.service, state.group, i), lines = [];
    if (!data.previous) return lines;
    if (own.change !== null && own.change !== undefined) {
      const name = said().services[state.service].name;
      lines.push(fill(T.county_since, { service: name, period: data.previous, before: shareWords(own.before), now: shareWords(own.share), change: view.pointWords(own.change), lacking: peopleWords(own.uncoveredBefore) }));
    } else lines.push(fill(T.county_no_before, { period: data.previous }));
    const data_changed = data.counties[i].changed;
    if (data_changed !== null && data_changed !== undefined) lines.push(data_changed ? T.county_data_changed : T.county_data_same);
    return lines;
  }

  function lines(i) {
    const county = data.counties[i];
    if (county.failed) return [T.county_failed, county.failed[state.lang]];
    const own = numbers.of(state.service, state.group, i), found = [];
    const group = said().groups.length > 1 ? ` · ${said().groups[state.group]}` : "";
    found.push(fill(T.county_people, { people: peopleWords(own.people || 0), kind: said().kind }) + group);
    return found;
  }

  function further(i) {
    const county = data.counties[i], own = numbers.of(state.service, state.group, i), found = [];
    if (county.failed) return found;
    if (own.gap !== null && own.gap !== undefined) found.push(fill(T.county_gap, { service: said().services[state.service].name, gaps: own.gaps, name: own.gap || T.no_name, people: peopleWords(own.gapPeople || 0) }));
    if (own.rank !== null && own.rank !== undefined && data.rankBy) found.push(fill(T.county_rank, { rank: own.rank, column: said().rankBy }));
    found.push(...changes(i));
    if (county.doubt >= 0.5) found.push(fill(T.county_doubt, { people: peopleWords(county.doubt) }));
    return found;
  }

  function fillNode(i) {
    const county = data.counties[i];
    const made = popup(`${county.name.trim() || T.no_name}${county.code.trim() ? ` · ${county.code.trim()}` : ""}`, lines(i));
    if (!county.failed && said().services.length) made.append(services(i), ...further(i).map((line) => el("p", "", line)));
    if (county.map) {
      const link = el("a", "circle-link", T.county_map);
      link.href = county.map;
      const line = el("p");
      line.append(link);
      made.append(line);
    }
    node.replaceChildren(...made.childNodes);
  }

  return {
    make: (i) => { node = popup("", []); fillNode(i); return node; },
    fill: fillNode,
  };
}
