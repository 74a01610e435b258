package litellm

import "strings"

// NewestSDK is the newest openai-python that pip installs beside a release of
// LiteLLM, by that release's own requirement: a bound such as "<3.0.0", or the
// zero Version where there is none, which is then the newest of all.
func NewestSDK(v Version) Version {
	bound, found := strings.CutPrefix(decide("litellm", sdkBound, v), "<")
	if !found {
		return Version{}
	}
	return below(bound)
}

// ContemporarySDK is a release of openai-python of a LiteLLM's own time: what a
// lock or an image of that time has.
func ContemporarySDK(v Version) Version {
	for _, c := range []struct{ before, openai string }{{"1.73.6", "1.66.3"}, {"1.84.0", "2.20.0"}} {
		if v.Before(mustVersion(c.before)) {
			return mustVersion(c.openai)
		}
	}
	return NewestSDK(v)
}

// firstSDK stands for the releases of openai-python before the first edge.
const firstSDK = "1.61.0"

// SDKMatters reports whether another openai-python than the call's, up to the
// newest that its LiteLLM takes, would send something else.
func SDKMatters(c Call) bool {
	said, newest := Resolve(c), NewestSDK(c.Versions.LiteLLM)
	for _, b := range bands {
		if b.Library != "openai" {
			continue
		}
		c.Versions.OpenAI = mustVersion(orFirst(b.From))
		if newest.Before(c.Versions.OpenAI) {
			continue
		}
		other := Resolve(c)
		if other.Source != said.Source || other.Header != said.Header || other.URL != said.URL || other.AlsoBearer != said.AlsoBearer ||
			(other.Fails == nil) != (said.Fails == nil) || said.Fails != nil && *other.Fails != *said.Fails {
			return true
		}
	}
	return false
}

func orFirst(edge string) string {
	if edge == "" {
		return firstSDK
	}
	return edge
}
