/** What is on the shelves: name -> how many. */
export function countItems(items) {
  const counts = {};
  for (const item of items) {
    counts[item] = (counts[item] ?? 0) + 1;
  }
  return counts;
}

/** The names of which fewer than `least` are left, in alphabetical order. */
export function runningLow(counts, least = 3) {
  return Object.keys(counts)
    .filter((name) => counts[name] < least)
    .sort();
}

/** Whether a word reads the same from both ends. */
export function isPalindrome(word) {
  const letters = word.toLowerCase().replace(/[^a-z]/g, "");
  return letters === [...letters].reverse().join("");
}
