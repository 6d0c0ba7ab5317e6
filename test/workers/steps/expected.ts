/** What each sample's steps are: parser, then kind, first and last line (from 0) and title of each step. */

export type ExpectedStep = readonly [kind: string, firstLine: number, lastLine: number, title: string];

export const EXPECTED: Readonly<Record<string, { parser: string; steps: readonly ExpectedStep[] }>> = {
  "javascript: a module": {
    parser: "tree-sitter, JavaScript",
    steps: [
      ["import", 0, 2, 'import { readFile } from "node:fs/promises";'],
      ["declaration", 4, 5, 'const FILE = path.join(process.cwd(), "settings.yaml");'],
      ["function", 7, 13, "export async function readSettings() {"],
      ["class", 15, 18, "export class Settings {"],
    ],
  },
  "javascript: the middle of a function": {
    parser: "tree-sitter, JavaScript",
    steps: [
      ["call", 0, 0, "seen.add(node);"],
      ["loop", 1, 1, "for (const next of node.edges) queue.push(next);"],
      ["condition", 2, 4, "else if (node.done) {"],
      ["condition", 5, 5, "if (queue.length === 0) return undefined;"],
      ["error handling", 6, 6, 'throw new Error("no way");'],
    ],
  },
  "javascript: a line of minified code": {
    parser: "tree-sitter, JavaScript",
    steps: [
      ["expression", 0, 0, '!function(e,t){"use strict";'],
      ["declaration", 0, 0, "var n=t.document,r={};"],
      ["loop", 0, 0, "for(var i=0;i<e.length;i++){r[e[i]]=!0}"],
      ["condition", 0, 0, 'if(!n)throw new Error("no document");'],
      [
        "function",
        0,
        0,
        'function o(e,t){var i=n.createElement("script");i.text=e;if(t)for(var a in r)t[a]&&i.setAttribute(a,t[a]);n.head.appendChild(i).parentNode.removeChild(i)}',
      ],
      ["call", 0, 0, 'o("x",r);'],
      ["return", 0, 0, "return r}(window,this);"],
    ],
  },
  "typescript: a class": {
    parser: "tree-sitter, TypeScript",
    steps: [
      ["class", 0, 1, "export class Queue<T> implements Iterable<T> {"],
      ["declaration", 2, 3, "readonly #items: T[] = [];"],
      ["function", 5, 5, "constructor(private readonly limit: number) {}"],
      ["function", 7, 14, "push(item: T): number {"],
      ["function", 16, 19, "*[Symbol.iterator](): Iterator<T> {"],
    ],
  },
  "typescript: types and an unfinished function": {
    parser: "tree-sitter, TypeScript",
    steps: [
      ["type", 0, 0, "export type Id = string | number;"],
      ["type", 1, 4, "interface Row {"],
      ["type", 5, 5, "enum Order { Up, Down }"],
      ["function", 7, 9, "function sort(rows: Row[], order: Order) {"],
    ],
  },
  "typescriptreact: a component": {
    parser: "tree-sitter, TSX",
    steps: [
      ["signature", 0, 0, "export function Todo({ items, onDone }: Props) {"],
      ["declaration", 1, 1, 'const [filter, setFilter] = useState("");'],
      ["declaration", 2, 2, "const shown = items.filter((item) => item.text.includes(filter));"],
      ["call", 3, 5, "useEffect(() => {"],
      ["return", 6, 7, "return ("],
      ["element", 8, 11, "<input"],
      ["element", 12, 16, "<ul>"],
      ["element", 17, 17, "<button onClick={onDone}>Done</button>"],
      ["element", 18, 23, "<footer>"],
    ],
  },
  "python: a function": {
    parser: "tree-sitter, Python",
    steps: [
      ["signature", 0, 2, "def dijkstra(graph, start):"],
      ["assignment", 3, 3, "distance = {start: 0}"],
      ["assignment", 4, 4, "queue = [(0, start)]"],
      ["loop", 5, 11, "while queue:"],
      ["resource", 12, 13, 'with open("log.txt", "w") as log:'],
      ["assertion", 14, 14, "assert start in distance"],
      ["call", 15, 15, "print(distance)"],
      ["return", 16, 16, "return distance"],
    ],
  },
  "python: a script": {
    parser: "tree-sitter, Python",
    steps: [
      ["comment", 0, 1, '"""Counts words."""'],
      ["import", 2, 3, "import sys"],
      ["assignment", 5, 5, "LIMIT = 10"],
      ["class", 8, 12, "class Words(Counter):"],
      ["condition", 15, 16, 'if __name__ == "__main__":'],
    ],
  },
  "python: lines inside of a try": {
    parser: "tree-sitter, Python",
    steps: [
      ["error handling", 0, 5, "try:"],
      ["assignment", 6, 6, "total += value"],
    ],
  },
  "java: a class": {
    parser: "tree-sitter, Java",
    steps: [
      ["import", 0, 3, "package shop.cart;"],
      ["class", 5, 7, "public class Cart {"],
      ["declaration", 8, 8, "private final Map<String, Integer> amounts = new HashMap<>();"],
      ["function", 10, 12, "public void add(String product) {"],
      ["function", 14, 21, "public String toString() {"],
      ["type", 23, 24, "enum State { OPEN, PAID }"],
    ],
  },
  "java: a method": {
    parser: "tree-sitter, Java",
    steps: [
      ["signature", 0, 0, "public int depth(Node node) throws TreeException {"],
      ["condition", 1, 5, "if (node == null) {"],
      ["declaration", 6, 6, "int left = depth(node.left);"],
      ["declaration", 7, 7, "int right = depth(node.right);"],
      ["error handling", 8, 14, "try {"],
      ["condition", 15, 18, "switch (node.kind) {"],
      ["return", 19, 20, "return Math.max(left, right) + 1;"],
    ],
  },
  "c: a file": {
    parser: "tree-sitter, C",
    steps: [
      ["import", 0, 1, "#include <stdio.h>"],
      ["constant", 2, 2, "#define SIZE 16"],
      ["type", 4, 7, "typedef struct node {"],
      ["declaration", 9, 9, "static int count = 0;"],
      ["function", 11, 18, "node *push(node *head, int value) {"],
      ["function", 20, 20, "int main(void) { return push(NULL, 1) == NULL; }"],
    ],
  },
  "c: a function with a goto": {
    parser: "tree-sitter, C",
    steps: [
      ["signature", 0, 0, "int copy(const char *from, const char *to) {"],
      ["declaration", 1, 1, "int result = -1;"],
      ["declaration", 2, 2, 'FILE *in = fopen(from, "rb");'],
      ["condition", 3, 3, "if (!in) goto end;"],
      ["loop", 4, 7, "do {"],
      ["assignment", 8, 8, "result = 0;"],
      ["call", 9, 10, "end:"],
      ["return", 11, 12, "return result;"],
    ],
  },
  "cpp: a template": {
    parser: "tree-sitter, C++",
    steps: [
      ["import", 0, 1, "#include <vector>"],
      ["namespace", 3, 3, "namespace geometry {"],
      ["class", 5, 6, "template <typename T>"],
      ["function", 7, 8, "explicit Polygon(vector<T> points) : points_(move(points)) {}"],
      ["function", 10, 15, "T area() const override {"],
      ["declaration", 17, 21, "vector<T> points_;"],
    ],
  },
  "csharp: a class": {
    parser: "tree-sitter, C#",
    steps: [
      ["import", 0, 1, "using System;"],
      ["namespace", 3, 3, "namespace Shop.Orders;"],
      ["class", 5, 7, "public class Order : IEquatable<Order>"],
      ["declaration", 8, 8, "private readonly List<Line> lines = new();"],
      ["declaration", 9, 9, "public decimal Total => lines.Sum(line => line.Price);"],
      ["declaration", 10, 10, 'public string Name { get; set; } = "";'],
      ["function", 12, 21, "public async Task<bool> PayAsync(Wallet wallet)"],
    ],
  },
  "go: a function": {
    parser: "tree-sitter, Go",
    steps: [
      ["signature", 0, 1, "func Fetch(ctx context.Context, urls []string) ([]Page, error) {"],
      ["declaration", 2, 2, "pages := make([]Page, 0, len(urls))"],
      ["declaration", 3, 3, "var wg sync.WaitGroup"],
      ["loop", 4, 10, "for _, url := range urls {"],
      ["condition", 11, 13, "if err := ctx.Err(); err != nil {"],
      ["condition", 14, 19, "switch len(pages) {"],
      ["call", 20, 20, "wg.Wait()"],
      ["return", 21, 22, "return pages, nil"],
    ],
  },
  "rust: an implementation": {
    parser: "tree-sitter, Rust",
    steps: [
      ["import", 0, 1, "use std::collections::HashMap;"],
      ["type", 3, 7, "pub struct Counter<T> {"],
      ["implementation", 9, 15, "impl<T: Eq + Hash> Counter<T> {"],
      ["module", 17, 18, "mod tests {}"],
    ],
  },
  "rust: a function": {
    parser: "tree-sitter, Rust",
    steps: [
      ["signature", 0, 0, "pub fn parse(text: &str) -> Result<Vec<i64>, ParseError> {"],
      ["declaration", 1, 1, "let mut numbers = Vec::new();"],
      ["loop", 2, 4, "for line in text.lines() {"],
      ["condition", 5, 7, "if numbers.is_empty() {"],
      ["condition", 8, 11, "match numbers[0] {"],
      ["assertion", 12, 12, "assert!(numbers.len() > 0);"],
      ["return", 13, 14, "Ok(numbers)"],
    ],
  },
  "php: a class": {
    parser: "tree-sitter, PHP",
    steps: [
      ["declaration", 0, 1, "declare(strict_types=1);"],
      ["namespace", 3, 3, "namespace App\\Http;"],
      ["import", 5, 5, "use App\\Models\\User;"],
      ["class", 7, 21, "final class UserController extends Controller"],
    ],
  },
  "php: statements without a tag": {
    parser: "tree-sitter, PHP",
    steps: [
      ["assignment", 0, 0, "$total = 0;"],
      ["loop", 1, 3, "foreach ($items as $item) {"],
      ["condition", 4, 4, "if ($total > 100) { throw new Exception('too much'); }"],
      ["return", 5, 5, "return $total;"],
    ],
  },
  "ruby: a class": {
    parser: "tree-sitter, Ruby",
    steps: [
      ["import", 0, 1, 'require "json"'],
      ["class", 3, 4, "class Notes < Store"],
      ["declaration", 5, 5, "attr_reader :path"],
      ["function", 7, 10, "def initialize(path)"],
      ["function", 12, 24, "def add(text)"],
    ],
  },
  "shellscript: a script": {
    parser: "tree-sitter, shell",
    steps: [
      ["command", 0, 1, "set -euo pipefail"],
      ["import", 2, 2, "source ./common.sh"],
      ["assignment", 4, 4, 'TARGET="$1"'],
      ["declaration", 5, 5, 'export PATH="$PWD/bin:$PATH"'],
      ["function", 7, 11, "usage() {"],
      ["condition", 13, 15, 'if [[ -z "$TARGET" ]]; then'],
      ["loop", 16, 18, "for file in src/*.c; do"],
      ["command", 19, 19, "find . -name '*.tmp' | xargs rm -f"],
      ["condition", 20, 23, 'case "$TARGET" in'],
    ],
  },
  "sql: a query": {
    parser: "tree-sitter, SQL",
    steps: [
      ["named query", 0, 6, "WITH recent AS ("],
      ["columns", 7, 8, "SELECT c.name,"],
      ["source", 9, 9, "FROM recent r"],
      ["join", 10, 10, "JOIN customers c ON c.id = r.customer_id"],
      ["join", 11, 11, "LEFT JOIN regions g ON g.id = c.region_id"],
      ["filter", 12, 13, "WHERE r.spent > 100"],
      ["grouping", 14, 15, "GROUP BY c.name, r.spent"],
      ["ordering", 16, 16, "ORDER BY r.spent DESC"],
      ["limit", 17, 17, "LIMIT 10;"],
    ],
  },
  "sql: statements": {
    parser: "tree-sitter, SQL",
    steps: [
      ["definition", 0, 3, "CREATE TABLE notes ("],
      ["insertion", 4, 4, "INSERT INTO notes (text) VALUES ('one'), ('two');"],
      ["update", 5, 5, "UPDATE notes SET text = upper(text) WHERE id = 1;"],
      ["deletion", 6, 6, "DELETE FROM notes WHERE id = 2;"],
      ["query", 7, 7, "SELECT * FROM notes;"],
    ],
  },
  "sql: the end of a query": {
    parser: "tree-sitter, SQL",
    steps: [
      ["filter", 0, 1, "WHERE price > 10"],
      ["ordering", 2, 2, "ORDER BY price"],
      ["limit", 3, 3, "LIMIT 5"],
    ],
  },
  "html: a page": {
    parser: "tree-sitter, HTML",
    steps: [
      ["document type", 0, 0, "<!DOCTYPE html>"],
      ["element", 1, 1, '<html lang="en">'],
      ["element", 2, 7, "<head>"],
      ["element", 8, 8, "<body>"],
      ["element", 9, 10, '<nav><a href="/">Home</a></nav>'],
      ["element", 11, 14, '<main id="tea">'],
      ["script", 15, 17, '<script src="tea.js"></script>'],
    ],
  },
  "html: elements that were cut off": {
    parser: "tree-sitter, HTML",
    steps: [
      ["element", 0, 0, "<td>Black</td>"],
      ["element", 1, 2, "<td>3 min</td>"],
      ["element", 3, 5, "<tr>"],
    ],
  },
  "css: rules": {
    parser: "tree-sitter, CSS",
    steps: [
      ["import", 0, 0, '@import "reset.css";'],
      ["rule", 2, 4, ":root {"],
      ["rule", 6, 11, "a:hover,"],
      ["rule", 13, 15, "@media (max-width: 40em) {"],
      ["rule", 16, 16, "@keyframes pulse { from { opacity: 0 } to { opacity: 1 } }"],
    ],
  },
  "css: declarations": {
    parser: "tree-sitter, CSS",
    steps: [
      ["declaration", 0, 0, "display: grid;"],
      ["declaration", 1, 1, "grid-template-columns: 1fr 2fr;"],
      ["declaration", 2, 2, "gap: 1rem;"],
    ],
  },
  "json: an object": {
    parser: "tree-sitter, JSON",
    steps: [
      ["entry", 0, 1, '"name": "tea",'],
      ["entry", 2, 2, '"version": "1.0.0",'],
      ["entry", 3, 6, '"scripts": {'],
      ["entry", 7, 10, '"files": ['],
    ],
  },
  "jsonc: entries that were cut out": {
    parser: "tree-sitter, JSON",
    steps: [
      ["entry", 0, 1, '"strict": true,'],
      ["entry", 2, 4, '"paths": {'],
    ],
  },
  "yaml: a workflow": {
    parser: "tree-sitter, YAML",
    steps: [
      ["entry", 0, 1, "name: test"],
      ["entry", 2, 4, "on:"],
      ["entry", 5, 6, "env:"],
      ["entry", 7, 7, "jobs:"],
      ["entry", 8, 17, "test:"],
    ],
  },
  "markdown: a page": {
    parser: "sentences; tree-sitter, Python",
    steps: [
      ["heading", 0, 0, "# Tea"],
      ["sentence", 2, 2, "Tea is *leaves* in hot water, e.g. Assam."],
      ["sentence", 2, 3, "Dr. Smith drinks it"],
      ["heading", 5, 5, "## How"],
      ["item", 7, 7, "- Boil water"],
      ["item", 8, 9, "- Wait"],
      ["signature", 11, 12, "def brew(tea):"],
      ["loop", 13, 14, "for leaf in tea:"],
      ["return", 15, 16, "return tea"],
      ["quotation", 18, 18, "> Said somebody."],
    ],
  },
  "plaintext: a paragraph": {
    parser: "sentences",
    steps: [
      ["sentence", 0, 0, "Call me Ishmael."],
      ["sentence", 0, 1, "Some years ago - never mind how long"],
      ["sentence", 1, 1, "It is a way!"],
    ],
  },
  "latex: a section": {
    parser: "sentences",
    steps: [
      ["heading", 0, 0, "\\section{Energy}"],
      ["sentence", 1, 1, "Mass is energy, as Prof. Einstein wrote."],
      ["sentence", 1, 1, "It follows from"],
      ["formula", 3, 7, "\\begin{equation}"],
      ["item", 9, 10, "\\begin{itemize}"],
      ["item", 11, 12, "\\item light"],
      ["comment", 13, 13, "% not for the reader"],
    ],
  },
  "objective-c: a language without a grammar here": {
    parser: "blank lines and indents",
    steps: [
      ["block", 0, 0, "@implementation Tea"],
      ["block", 2, 4, "- (void)brew {"],
      ["block", 6, 6, "@end"],
    ],
  },
};
