package litellm

// A Version is a release of a Python package (PEP 440). The zero Version is
// unknown.
type Version struct{ text string }
