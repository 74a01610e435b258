package preflight

import (
	"slices"
	"sync"
)

// A searcher finds many phrases at once in a stream of bytes: an Aho-Corasick
// automaton, one step for each byte whatever the number of phrases. It does
// not see white space and the case of letters, so that it finds what a log has
// wrapped in the middle of a word.
type searcher struct {
	class  [256]uint8 // of a byte; 0 for those that are in no phrase
	next   []uint16   // by state and class
	hit    []uint8    // of a state: what kinds of phrases end there
	length []uint16   // of the longest of these, without its white space
	stride int
}

// The kinds of phrases.
const (
	hitKnown   = 1 << iota // the catalogue, or the reading of faults, looks for it
	hitAnswer              // an error of a service's client, known or not
	hitGeneral             // it makes a line look like an error of anything
)

// newSearcher builds the automaton of phrases by kind.
func newSearcher(phrases map[uint8][]string) *searcher {
	s := &searcher{}
	classes := 1
	for _, list := range phrases {
		for _, p := range list {
			for i := range len(p) {
				if c := lower(p[i]); !isBlank(c) && s.class[c] == 0 {
					s.class[c] = uint8(classes)
					classes++
				}
			}
		}
	}
	for c := byte('a'); c <= 'z'; c++ {
		s.class[c-'a'+'A'] = s.class[c]
	}
	s.stride = classes
	s.grow()
	for kind, list := range phrases {
		for _, p := range list {
			s.insert(p, kind)
		}
	}
	s.link()
	return s
}

func (s *searcher) grow() {
	s.next = append(s.next, make([]uint16, s.stride)...)
	s.hit = append(s.hit, 0)
	s.length = append(s.length, 0)
}

func (s *searcher) insert(phrase string, kind uint8) {
	at, length := 0, 0
	for i := range len(phrase) {
		if isBlank(phrase[i]) {
			continue
		}
		length++
		edge := at*s.stride + int(s.class[lower(phrase[i])])
		if s.next[edge] == 0 {
			s.grow()
			s.next[edge] = uint16(len(s.hit) - 1)
		}
		at = int(s.next[edge])
	}
	s.hit[at] |= kind
	s.length[at] = uint16(length)
}

// link turns the tree of phrases into the automaton: where a state has no edge
// for a class, it goes where its longest proper suffix goes.
func (s *searcher) link() {
	suffix := make([]uint16, len(s.hit))
	queue := slices.DeleteFunc(slices.Clone(s.next[:s.stride]), func(t uint16) bool { return t == 0 })
	for len(queue) > 0 {
		at := int(queue[0])
		queue = queue[1:]
		s.hit[at] |= s.hit[suffix[at]]
		s.length[at] = max(s.length[at], s.length[suffix[at]])
		for c := range s.stride {
			edge := at*s.stride + c
			fallback := s.next[int(suffix[at])*s.stride+c]
			if t := s.next[edge]; t != 0 {
				suffix[t] = fallback
				queue = append(queue, t)
			} else {
				s.next[edge] = fallback
			}
		}
	}
}

// A sighting is what was found in a piece of the stream.
type sighting struct {
	kinds uint8
	end   int    // of the last phrase
	early int    // how many characters of a phrase came before the piece
	which uint64 // a bit for each of the phrases, shared by some
}

// find goes on from state over b and returns the new state.
func (s *searcher) find(state int, b []byte) (int, sighting) {
	var found sighting
	at, read := state, 0
	for i, c := range b {
		if isBlank(c) {
			continue
		}
		read++
		at = int(s.next[at*s.stride+int(s.class[c])])
		if h := s.hit[at]; h != 0 {
			found.kinds |= h
			found.end = i + 1
			found.early = max(found.early, int(s.length[at])-read)
			if h&hitGeneral == 0 {
				found.which |= 1 << (uint(at) % 64)
			}
		}
	}
	return at, found
}

// logSearcher finds what the catalogue knows: a phrase that a diagnosis is
// added with is searched for without further ado.
var logSearcher = sync.OnceValue(func() *searcher {
	var known []string
	for _, d := range Catalogue {
		known = append(known, d.When.phrases...)
	}
	for _, f := range faultPhrases {
		known = append(known, f.phrases...)
	}
	for _, t := range entraTexts {
		known = append(known, t.phrase)
	}
	known = append(known, "AADSTS", "error_codes", "Attempted credentials", "AzureApiManagementKey")
	return newSearcher(map[uint8][]string{
		hitKnown: known,
		hitAnswer: {
			"Error code: 4", "Error code: 5", "AuthenticationError", "PermissionDeniedError", "BadRequestError", "NotFoundError", "RateLimitError", "APIStatusError", "APIConnectionError", "InternalServerError",
			"HTTPError: 4", "HTTPError: 5", "HTTPError: HTTP Error", "HTTPStatusError", "ClientResponseError", "WSServerHandshakeError", "server rejected WebSocket connection", "Unexpected server response: ", "Server returned HTTP response code: ",
			"AzureException", "ClientResultException", "RequestFailedException", "HttpResponseError", "ClientAuthenticationError", "CredentialUnavailable", "AuthenticationFailedException", "AuthenticationRequiredError",
			"RESPONSE 4", "RESPONSE 5", "HTTP/1.0 4", "HTTP/1.0 5", "HTTP/1.1 4", "HTTP/1.1 5", "HTTP/2 4", "HTTP/2 5", "status code 4", "status code 5", "statusCode\": 4", "statusCode\":4",
		},
		hitGeneral: {
			"error:", "error -", "exception", "failed", "failure", "fatal", "denied", "unauthorized", "forbidden", "traceback", "cannot ", "could not", "unable to", "refused", "timed out", "not found", "invalid",
		},
	})
})
