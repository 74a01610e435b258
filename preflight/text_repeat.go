package preflight

import "bytes"

// What makes a line of a log the same as an earlier one, and what makes it one
// that only speaks of an error.

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// fingerprint is the hash of a line's words, and of the numbers in it that can
// be a status or a code of Entra's. Words with other digits are times, counters
// and ids, and do not count.
func fingerprint(line []byte) (words, numbers uint64) {
	words, numbers = fnvOffset, fnvOffset
	for i := 0; i < len(line); {
		end := i + 1
		digits := 0
		if isWord(line[i]) {
			for end = i; end < len(line) && isWord(line[end]); end++ {
				if isDigit(line[end]) {
					digits++
				}
			}
		}
		word := line[i:end]
		switch {
		case digits == 0:
			words = hashed(words, word)
		case isNumber(word, digits):
			words, numbers = hashed(words, word), hashed(numbers, word)
		}
		i = end
	}
	return words, numbers
}

// isNumber reports whether a word with digits can be a status or a code.
func isNumber(word []byte, digits int) bool {
	if digits == len(word) {
		return digits == 3 && (word[0] == '4' || word[0] == '5') || digits == 7 && bytes.HasPrefix(word, []byte("700"))
	}
	return len(word) > 6 && bytes.EqualFold(word[:6], []byte("AADSTS"))
}

func hashed(h uint64, b []byte) uint64 {
	for _, c := range b {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// onlyMentions reports whether a line names an error that has not happened: a
// test of it that passed, or advice for the case that it does.
func onlyMentions(line []byte) bool {
	if bytes.Contains(line, []byte("::")) && passedTest().Match(line) {
		return true
	}
	return bytes.Contains(line, []byte("AADSTS")) && adviceOn().Match(line)
}

var (
	passedTest = lazy(`\.py::\S+(?: \S+)? (?:PASSED|XFAIL|SKIPPED)\b|^(?:PASSED|XFAIL|SKIPPED) \S+\.py::`)
	adviceOn   = lazy(`(?i)\b(?:if|when|in case) (?:you|users?|one|this|it) (?:ever )?(?:sees?|gets?|receives?|encounters?|hits?|says?|shows?|reports?|fails? with)\b.{0,60}?AADSTS`)
)
