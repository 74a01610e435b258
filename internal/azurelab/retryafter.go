package azurelab

import (
	"net/http"
	"strconv"
	"time"
)

// A RetryForm is how an answer says when to come back.
type RetryForm string

// The forms that Azure's clients read.
const (
	RetrySeconds  RetryForm = "" // Retry-After, a number
	RetryDate     RetryForm = "date"
	RetryMillis   RetryForm = "Retry-After-Ms"
	RetryMSMillis RetryForm = "X-Ms-Retry-After-Ms"
)

// header is the name and the value that ask to wait for d.
func (f RetryForm) header(d time.Duration, now time.Time) (name, value string) {
	switch f {
	case RetrySeconds:
		return "Retry-After", strconv.Itoa(int(d.Seconds()))
	case RetryDate:
		return "Retry-After", now.Add(d).UTC().Format(http.TimeFormat)
	}
	return string(f), strconv.FormatInt(d.Milliseconds(), 10)
}
