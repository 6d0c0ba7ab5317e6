export interface Query {
  words: string[];
  filters: Record<string, string>;
}

/** Reads a search such as `apple juice price:<3 -organic` into words and filters. */
export function parseQuery(text: string): Query {
  const query: Query = { words: [], filters: {} };
  for (const part of text.trim().split(/\s+/)) {
    const match = /^(?<name>[a-z]+):(?<value>.+)$/i.exec(part);
    if (match?.groups) {
      query.filters[match.groups.name.toLowerCase()] = match.groups.value;
    } else if (part !== "") {
      query.words.push(part);
    }
  }
  return query;
}

/** Splits one line of a comma-separated file; quotes keep commas together, doubled quotes mean a quote. */
export function parseCsvLine(line: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quoted && char === '"' && line[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (char === '"') {
      quoted = !quoted;
    } else if (char === "," && !quoted) {
      cells.push(cell);
      cell = "";
    } else {
      cell += char;
    }
  }
  cells.push(cell);
  return cells;
}
