/** Texts on which the lens is held against the engine: code, prose, many scripts, and what is awkward to tokenise. */

export const LENS_TEXTS: readonly { name: string; text: string }[] = [
  {
    name: "story",
    text: "Once upon a time there was a little girl named Lily. She loved to play outside in the sunshine.",
  },
  { name: "one word", text: "The" },
  {
    name: "dialogue",
    text: '"Where are you going?" asked the frog. "Home," said Tom, "because it is late and Mum is waiting."',
  },
  {
    name: "JavaScript",
    text: "function add(a, b) {\n  // both must be numbers\n  return a + b;\n}\n\nconsole.log(add(3, 4));\n",
  },
  {
    name: "TypeScript",
    text: "export const total = (items: readonly Item[]): number =>\n  items.reduce((sum, { price, count }) => sum + price * count, 0);\n",
  },
  {
    name: "Python",
    text: "def fib(n: int) -> int:\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n",
  },
  {
    name: "Rust",
    text: 'fn main() {\n    let mut v = vec![3, 1, 2];\n    v.sort_unstable_by(|a, b| b.cmp(a));\n    println!("{v:?}");\n}\n',
  },
  {
    name: "SQL",
    text: "SELECT name, COUNT(*) FROM users WHERE age >= 18 GROUP BY name HAVING COUNT(*) > 1;",
  },
  { name: "HTML", text: '<ul class="list"><li>One &amp; two</li><li><a href="#x">three</a></li></ul>' },
  {
    name: "JSON",
    text: '{"id": 17, "tags": ["a", "b"], "nested": {"ok": true, "none": null, "pi": 3.14159}}',
  },
  {
    name: "C with tabs",
    text: 'int main(void)\n{\n\tfor (int i = 0; i < 10; i++)\n\t\tprintf("%d\\n", i);\n}\n',
  },
  { name: "emoji", text: "She smiled 😀 and waved 👋🏽. The family 👨‍👩‍👧‍👦 went to the beach 🏖️ 🇨🇭!" },
  { name: "Chinese", text: "从前有一个小女孩，她喜欢在阳光下玩耍。有一天，她看见一只大红球。" },
  { name: "Japanese", text: "昔々、あるところに小さな女の子がいました。カタカナとひらがなと漢字。" },
  { name: "Korean", text: "옛날 옛적에 작은 소녀가 살았습니다. 그녀는 밖에서 노는 것을 좋아했어요." },
  { name: "Arabic", text: "كان يا مكان في قديم الزمان فتاة صغيرة تحب اللعب في الشمس." },
  { name: "Hindi", text: "एक समय की बात है, एक छोटी लड़की थी जिसे धूप में खेलना पसंद था।" },
  { name: "Hebrew and English", text: "היה היה a little girl ושמה לילי, who loved שמש." },
  {
    name: "combining marks",
    text: "Zür\u0069\u0308ch cafe\u0301 n\u0303a\u030A \u1E9E \u0130stanbul Z\u0351\u036Balgo",
  },
  {
    name: "whitespace",
    text: "   \n\n\t\t  \n        indented\n            more\r\n\r\n   \u00A0\u2003end   ",
  },
  {
    name: "repeated tokens",
    text: "the the the the the the the the the the the the the the the the the the the the",
  },
  {
    name: "numbers",
    text: "1234567890 3.14159265 0xDEADBEEF 1e-9 2026-11-22T03:48:28Z 192.168.0.1 50% $9.99",
  },
  {
    name: "special tokens spelled out",
    text: "<s> is not BOS here, nor is </s> the end, nor <|endoftext|> or <unk>.",
  },
  { name: "bytes alone", text: "\u{10FFFF}\u{E000}\uFFFD\u0001\u007F\u0085" },
];

/** Cut to the model's context in tokens by whoever uses it. */
export const LONG_TEXT = Array.from(
  { length: 12 },
  (_, day) =>
    `On day ${day + 1} Tom and his dog Max walked to the big tree. Max found ${day + 2} red apples, and Tom said, "We can share them with Lily." They were happy and went home.`,
).join(" ");
