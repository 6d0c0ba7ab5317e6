"""Counts the words of a text: python word_count.py FILE"""

import re
import sys
from collections import Counter


def words(text: str) -> list[str]:
    """Lower-case words, without punctuation."""
    return re.findall(r"[^\W\d_]+", text.lower())


def most_common(text: str, count: int = 10) -> list[tuple[str, int]]:
    """The words that come most often, with how often."""
    return Counter(words(text)).most_common(count)


def fizzbuzz(n: int) -> str:
    if n % 15 == 0:
        return "FizzBuzz"
    if n % 5 == 0:
        return "Buzz"
    if n % 3 == 0:
        return "Fizz"
    return str(n)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        for word, times in most_common(file.read()):
            print(f"{times:5} {word}")
