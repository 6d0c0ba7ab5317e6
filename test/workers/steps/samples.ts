/** Real snippets in every language that has a grammar here, cut as readers select them, and prose. */

export interface Sample {
  name: string;
  languageId: string;
  text: string;
}

function sample(languageId: string, name: string, text: string): Sample {
  return { languageId, name, text: text.replace(/^\n/, "") };
}

export const SAMPLES: readonly Sample[] = [
  sample(
    "javascript",
    "a module",
    `
import { readFile } from "node:fs/promises";
import path from "node:path";
const yaml = require("yaml");

/** Where settings are kept. */
const FILE = path.join(process.cwd(), "settings.yaml");

/**
 * Reads the settings.
 */
export async function readSettings() {
  const text = await readFile(FILE, "utf8");
  return yaml.parse(text); // may be null
}

export class Settings {
  #values = new Map();
  get(key) { return this.#values.get(key); }
}
`,
  ),
  sample(
    "javascript",
    "the middle of a function",
    `
    seen.add(node);
    for (const next of node.edges) queue.push(next);
  } else if (node.done) {
    break;
  }
  if (queue.length === 0) return undefined;
  throw new Error("no way");
`,
  ),
  sample(
    "javascript",
    "a line of minified code",
    `!function(e,t){"use strict";var n=t.document,r={};for(var i=0;i<e.length;i++){r[e[i]]=!0}if(!n)throw new Error("no document");function o(e,t){var i=n.createElement("script");i.text=e;if(t)for(var a in r)t[a]&&i.setAttribute(a,t[a]);n.head.appendChild(i).parentNode.removeChild(i)}o("x",r);return r}(window,this);`,
  ),
  sample(
    "typescript",
    "a class",
    `
@Injectable()
export class Queue<T> implements Iterable<T> {
  /** Oldest first. */
  readonly #items: T[] = [];

  constructor(private readonly limit: number) {}

  // Adds at the end.
  @Log("push")
  push(item: T): number {
    if (this.#items.length >= this.limit) {
      throw new RangeError("full");
    }
    return this.#items.push(item);
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#items;
  }
}
`,
  ),
  sample(
    "typescript",
    "types and an unfinished function",
    `
export type Id = string | number;
interface Row {
  id: Id;
  name?: string;
}
enum Order { Up, Down }

function sort(rows: Row[], order: Order) {
  const sorted = [...rows].sort((a, b) => compare(a.id, b.id));
  return order === Order.
`,
  ),
  sample(
    "typescriptreact",
    "a component",
    `
export function Todo({ items, onDone }: Props) {
  const [filter, setFilter] = useState("");
  const shown = items.filter((item) => item.text.includes(filter));
  useEffect(() => {
    document.title = \`\${shown.length} to do\`;
  }, [shown.length]);
  return (
    <section>
      <input
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      <ul>
        {shown.map((item) => (
          <li key={item.id}>{item.text}</li>
        ))}
      </ul>
      <button onClick={onDone}>Done</button>
      <footer>
        {shown.length} of {items.length}
      </footer>
    </section>
  );
}
`,
  ),
  sample(
    "python",
    "a function",
    `
@lru_cache(maxsize=None)
def dijkstra(graph, start):
    """Shortest distances from start."""
    distance = {start: 0}
    queue = [(0, start)]
    # The nearest node first.
    while queue:
        d, node = heappop(queue)
        if d > distance.get(node, inf):
            continue
        for other, cost in graph[node].items():
            heappush(queue, (d + cost, other))
    with open("log.txt", "w") as log:
        log.write(str(distance))
    assert start in distance
    print(distance)
    return distance
`,
  ),
  sample(
    "python",
    "a script",
    `
#!/usr/bin/env python3
"""Counts words."""
import sys
from collections import Counter

LIMIT = 10


class Words(Counter):
    """Words and how often they are there."""

    def top(self) -> list[str]:
        return [word for word, _ in self.most_common(LIMIT)]


if __name__ == "__main__":
    print(Words(sys.stdin.read().split()).top())
`,
  ),
  sample(
    "python",
    "lines inside of a try",
    `
        try:
            value = int(text)
        except ValueError as error:
            raise SystemExit(f"not a number: {text}") from error
        else:
            values.append(value)
        total += value
`,
  ),
  sample(
    "java",
    "a class",
    `
package shop.cart;

import java.util.List;
import java.util.Map;

/** What somebody wants to buy. */
@Service
public class Cart {
    private final Map<String, Integer> amounts = new HashMap<>();

    public void add(String product) {
        amounts.merge(product, 1, Integer::sum);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (var entry : amounts.entrySet()) {
            text.append(entry.getKey()).append('\\n');
        }
        return text.toString();
    }

    enum State { OPEN, PAID }
}
`,
  ),
  sample(
    "java",
    "a method",
    `
    public int depth(Node node) throws TreeException {
        if (node == null) {
            return 0;
        } else if (node.isLeaf()) {
            return 1;
        }
        int left = depth(node.left);
        int right = depth(node.right);
        try {
            check(node);
        } catch (IOException e) {
            throw new TreeException(e);
        } finally {
            visited++;
        }
        switch (node.kind) {
            case RED: reds++; break;
            default: blacks++;
        }
        return Math.max(left, right) + 1;
    }
`,
  ),
  sample(
    "c",
    "a file",
    `
#include <stdio.h>
#include <stdlib.h>
#define SIZE 16

typedef struct node {
    int value;
    struct node *next;
} node;

static int count = 0;

/* Adds in front. */
node *push(node *head, int value) {
    node *fresh = malloc(sizeof *fresh);
    if (!fresh) return NULL;
    fresh->value = value;
    fresh->next = head;
    return fresh;
}

int main(void) { return push(NULL, 1) == NULL; }
`,
  ),
  sample(
    "c",
    "a function with a goto",
    `
int copy(const char *from, const char *to) {
    int result = -1;
    FILE *in = fopen(from, "rb");
    if (!in) goto end;
    do {
        n = fread(buffer, 1, sizeof buffer, in);
        fwrite(buffer, 1, n, out);
    } while (n > 0);
    result = 0;
end:
    fclose(in);
    return result;
}
`,
  ),
  sample(
    "cpp",
    "a template",
    `
#include <vector>
using namespace std;

namespace geometry {

template <typename T>
class Polygon : public Shape {
 public:
  explicit Polygon(vector<T> points) : points_(move(points)) {}

  // Gauss's area formula.
  T area() const override {
    T sum{};
    for (size_t i = 0; i < points_.size(); ++i) sum += cross(i);
    return abs(sum) / 2;
  }

 private:
  vector<T> points_;
};

}  // namespace geometry
`,
  ),
  sample(
    "csharp",
    "a class",
    `
using System;
using System.Linq;

namespace Shop.Orders;

[Serializable]
public class Order : IEquatable<Order>
{
    private readonly List<Line> lines = new();
    public decimal Total => lines.Sum(line => line.Price);
    public string Name { get; set; } = "";

    /// <summary>Pays.</summary>
    [HttpPost]
    public async Task<bool> PayAsync(Wallet wallet)
    {
        if (wallet.Balance < Total) return false;
        foreach (var line in lines) { await line.ShipAsync(); }
        using (var scope = Begin()) { scope.Complete(); }
        return true;
    }
}
`,
  ),
  sample(
    "go",
    "a function",
    `
// Fetch gets all pages.
func Fetch(ctx context.Context, urls []string) ([]Page, error) {
	pages := make([]Page, 0, len(urls))
	var wg sync.WaitGroup
	for _, url := range urls {
		wg.Add(1)
		go func() {
			defer wg.Done()
			pages = append(pages, get(ctx, url))
		}()
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	switch len(pages) {
	case 0:
		return nil, ErrEmpty
	default:
		log.Println(len(pages))
	}
	wg.Wait()
	return pages, nil
}
`,
  ),
  sample(
    "rust",
    "an implementation",
    `
use std::collections::HashMap;
use std::fmt::{self, Display};

/// Counts things.
#[derive(Debug, Default)]
pub struct Counter<T> {
    counts: HashMap<T, usize>,
}

impl<T: Eq + Hash> Counter<T> {
    /// Adds one.
    #[inline]
    pub fn add(&mut self, item: T) {
        *self.counts.entry(item).or_insert(0) += 1;
    }
}

#[cfg(test)]
mod tests {}
`,
  ),
  sample(
    "rust",
    "a function",
    `
pub fn parse(text: &str) -> Result<Vec<i64>, ParseError> {
    let mut numbers = Vec::new();
    for line in text.lines() {
        numbers.push(line.trim().parse()?);
    }
    if numbers.is_empty() {
        return Err(ParseError::Empty);
    }
    match numbers[0] {
        0 => println!("zero"),
        n => println!("{n}"),
    }
    assert!(numbers.len() > 0);
    Ok(numbers)
}
`,
  ),
  sample(
    "php",
    "a class",
    `
<?php
declare(strict_types=1);

namespace App\\Http;

use App\\Models\\User;

/** Shows users. */
#[Route('/users')]
final class UserController extends Controller
{
    private int $limit = 20;

    public function index(array $filter): array
    {
        $users = User::all();
        foreach ($users as $user) {
            echo $user->name;
        }
        return $users;
    }
}
`,
  ),
  sample(
    "php",
    "statements without a tag",
    `
$total = 0;
foreach ($items as $item) {
    $total += $item['price'];
}
if ($total > 100) { throw new Exception('too much'); }
return $total;
`,
  ),
  sample(
    "ruby",
    "a class",
    `
require "json"
require_relative "store"

# Keeps notes.
class Notes < Store
  attr_reader :path

  def initialize(path)
    @path = path
    load if File.exist?(path)
  end

  def add(text)
    raise ArgumentError, "empty" if text.empty?
    @notes << { text: text, at: Time.now }
    @notes.each do |note|
      puts note[:text]
    end
    begin
      save
    rescue IOError => e
      warn e.message
    end
  end
end
`,
  ),
  sample(
    "shellscript",
    "a script",
    `
#!/usr/bin/env bash
set -euo pipefail
source ./common.sh

TARGET="$1"
export PATH="$PWD/bin:$PATH"

# Says how to call it.
usage() {
  echo "usage: $0 TARGET" >&2
  exit 1
}

if [[ -z "$TARGET" ]]; then
  usage
fi
for file in src/*.c; do
  cc -c "$file" -o "$TARGET/$(basename "$file").o"
done
find . -name '*.tmp' | xargs rm -f
case "$TARGET" in
  release) strip "$TARGET/app" ;;
  *) echo "debug" ;;
esac
`,
  ),
  sample(
    "sql",
    "a query",
    `
-- Who bought the most this year?
WITH recent AS (
  SELECT customer_id, SUM(total) AS spent
  FROM orders
  WHERE ordered_at >= '2024-01-01'
  GROUP BY customer_id
)
SELECT c.name,
       r.spent
FROM recent r
JOIN customers c ON c.id = r.customer_id
LEFT JOIN regions g ON g.id = c.region_id
WHERE r.spent > 100
  AND c.active
GROUP BY c.name, r.spent
HAVING COUNT(*) > 1
ORDER BY r.spent DESC
LIMIT 10;
`,
  ),
  sample(
    "sql",
    "statements",
    `
CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL
);
INSERT INTO notes (text) VALUES ('one'), ('two');
UPDATE notes SET text = upper(text) WHERE id = 1;
DELETE FROM notes WHERE id = 2;
SELECT * FROM notes;
`,
  ),
  sample(
    "sql",
    "the end of a query",
    `
WHERE price > 10
  AND stock > 0
ORDER BY price
LIMIT 5
`,
  ),
  sample(
    "html",
    "a page",
    `
<!DOCTYPE html>
<html lang="en">
<head>
  <title>Tea</title>
  <style>
    body { color: #333 }
  </style>
</head>
<body>
  <!-- Where to go -->
  <nav><a href="/">Home</a></nav>
  <main id="tea">
    <h1>Tea</h1>
    <p>Hot <em>water</em> and leaves.</p>
  </main>
  <script src="tea.js"></script>
</body>
</html>
`,
  ),
  sample(
    "html",
    "elements that were cut off",
    `
    <td>Black</td>
    <td>3 min</td>
  </tr>
  <tr>
    <td>Green</td>
    <td>2 min</td>
`,
  ),
  sample(
    "css",
    "rules",
    `
@import "reset.css";

:root {
  --accent: #07c;
}

/* Links */
a:hover,
a:focus {
  color: var(--accent);
  text-decoration: underline;
}

@media (max-width: 40em) {
  nav { display: none; }
}
@keyframes pulse { from { opacity: 0 } to { opacity: 1 } }
`,
  ),
  sample(
    "css",
    "declarations",
    `
  display: grid;
  grid-template-columns: 1fr 2fr;
  gap: 1rem;
`,
  ),
  sample(
    "json",
    "an object",
    `
{
  "name": "tea",
  "version": "1.0.0",
  "scripts": {
    "build": "tsc",
    "test": "mocha"
  },
  "files": [
    "dist"
  ]
}
`,
  ),
  sample(
    "jsonc",
    "entries that were cut out",
    `
  // How it is built
  "strict": true,
  "paths": {
    "@/*": ["src/*"]
  },
`,
  ),
  sample(
    "yaml",
    "a workflow",
    `
# Runs the tests
name: test
on:
  push:
    branches: [main]
env:
  NODE_ENV: test
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - name: Test
        run: |
          npm test

          npm run lint
`,
  ),
  sample(
    "markdown",
    "a page",
    `
# Tea

Tea is *leaves* in hot water, e.g. Assam. Dr. Smith drinks it
at 4.30 p.m. every day.

## How

- Boil water
- Wait
  three minutes

\`\`\`py
def brew(tea):
    for leaf in tea:
        pour(leaf)
    return tea
\`\`\`

> Said somebody.
`,
  ),
  sample(
    "plaintext",
    "a paragraph",
    "Call me Ishmael. Some years ago - never mind how long\nprecisely - I thought I would sail about a little. It is a way!",
  ),
  sample(
    "latex",
    "a section",
    `
\\section{Energy}
Mass is energy, as Prof. Einstein wrote. It follows from

\\begin{equation}

E = mc^2

\\end{equation}

\\begin{itemize}
  \\item mass
  \\item light
\\end{itemize}
% not for the reader
`,
  ),
  sample(
    "objective-c",
    "a language without a grammar here",
    `
@implementation Tea

- (void)brew {
  [self.water boil];
}

@end
`,
  ),
];
