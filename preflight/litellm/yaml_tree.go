package litellm

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// The bounds of what a file may be made of.
const (
	maxDepth  = 200       // PyYAML itself gives up at about 450
	maxMerged = 1_000_000 // keys copied by merges
)

// A field is a key of a mapping with its value, aliases not yet followed.
type field struct {
	name  string // of a key that is text; "" for others
	key   *yaml.Node
	value *yaml.Node
}

// A checker sees to it that a document is a tree that PyYAML constructs.
type checker struct {
	document *document
	open     []*yaml.Node // from the root to where it is
	anchors  map[string]bool
	copied   int
}

func (c *checker) fault(n *yaml.Node, detail string) *Error {
	return &Error{At: Place{c.document.file, n.Line, n.Column}, Detail: detail}
}

// check visits every node once: an alias is not followed, what it stands for
// is somewhere before it.
func (c *checker) check(n *yaml.Node, depth int) *Error {
	if depth > maxDepth {
		return c.fault(n, "it is nested too deeply")
	}
	if n.Anchor != "" {
		if c.anchors[n.Anchor] {
			return c.fault(n, "an anchor that the file has already")
		}
		if c.anchors == nil {
			c.anchors = make(map[string]bool)
		}
		c.anchors[n.Anchor] = true
	}
	switch n.Kind {
	case yaml.AliasNode:
		if slices.Contains(c.open, n.Alias) {
			return c.fault(n, "an alias inside of what it stands for")
		}
		return nil
	case yaml.ScalarNode:
		if s := scalarOf(n); s.fault != "" {
			return c.fault(n, s.fault)
		}
		return nil
	}
	if n.Style&yaml.TaggedStyle != 0 {
		want := map[yaml.Kind]string{yaml.MappingNode: "!!map", yaml.SequenceNode: "!!seq"}[n.Kind]
		if tag := n.ShortTag(); tag != want && tag != "!" {
			return c.fault(n, "a tag that LiteLLM's YAML reader does not know, or that makes no configuration")
		}
	}
	c.open = append(c.open, n)
	defer func() { c.open = c.open[:len(c.open)-1] }()
	if n.Kind == yaml.MappingNode {
		return c.mapping(n, depth)
	}
	for _, item := range n.Content {
		if fault := c.check(item, depth+1); fault != nil {
			return fault
		}
	}
	return nil
}

// mapping checks a mapping's keys and values, and flattens its merge keys.
func (c *checker) mapping(n *yaml.Node, depth int) *Error {
	type keyOf struct {
		kind Type
		null bool
		text string
	}
	seen := make(map[keyOf]bool, len(n.Content)/2)
	merges := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merges = true
			if fault := c.check(value, depth+1); fault != nil {
				return fault
			}
			if bad := notMergeable(value); bad != nil {
				return c.fault(bad, "a merge (<<) of what is no mapping")
			}
			continue
		}
		if fault := c.check(key, depth+1); fault != nil && key.Value != "=" {
			return fault
		}
		if follow(key).Kind != yaml.ScalarNode {
			return c.fault(key, "a key that is a list or a mapping")
		}
		s := scalarOf(follow(key))
		id := keyOf{s.kind, s.null, s.text}
		if seen[id] {
			return c.fault(key, "a key that its mapping has already, of which LiteLLM would silently take the last")
		}
		seen[id] = true
		if fault := c.check(value, depth+1); fault != nil {
			return fault
		}
	}
	if !merges {
		return nil
	}
	for _, brought := range c.document.merges(n) {
		c.copied += len(brought)
	}
	if c.copied += len(n.Content); c.copied > maxMerged {
		return c.fault(n, "its merges (<<) make more of it than any configuration needs")
	}
	c.document.flatten(n)
	return nil
}

// isMerge reports whether a key is <<, without quotes.
func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" &&
		key.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
}

// notMergeable is the node of a merge's value that is no mapping, or nil.
func notMergeable(value *yaml.Node) *yaml.Node {
	switch v := follow(value); v.Kind {
	case yaml.MappingNode:
		return nil
	case yaml.SequenceNode:
		for _, item := range v.Content {
			if follow(item).Kind != yaml.MappingNode {
				return item
			}
		}
		return nil
	}
	return value
}

// follow is what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// fields are a mapping's keys and values, in the order of Python's dict.
func (d *document) fields(n *yaml.Node) []field {
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	if merged, ok := d.merged[n]; ok {
		return merged
	}
	fields := make([]field, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		fields = append(fields, newField(n.Content[i], n.Content[i+1]))
	}
	return fields
}

func newField(key, value *yaml.Node) field {
	f := field{key: key, value: value}
	if s := scalarOf(follow(key)); s.kind == String && !s.null && s.fault == "" {
		f.name = s.text
	}
	return f
}

// merges are what a mapping's merge keys bring, in the order in which each
// wins over the one before: of a list, the first mapping wins; of several merge
// keys, the last. What is merged stands before, and so is flattened already.
func (d *document) merges(n *yaml.Node) (brought [][]field) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			continue
		}
		value := follow(n.Content[i+1])
		if value.Kind == yaml.MappingNode {
			brought = append(brought, d.fields(value))
			continue
		}
		for _, item := range slices.Backward(value.Content) {
			brought = append(brought, d.fields(item))
		}
	}
	return brought
}

// flatten puts what merge keys bring before a mapping's own keys, which win.
func (d *document) flatten(n *yaml.Node) {
	all := slices.Concat(d.merges(n)...)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			all = append(all, newField(n.Content[i], n.Content[i+1]))
		}
	}
	fields, at := all[:0:0], make(map[string]int, len(all))
	for _, f := range all {
		i, ok := at[f.name]
		if ok && f.name != "" {
			fields[i] = f
			continue
		}
		at[f.name] = len(fields)
		fields = append(fields, f)
	}
	d.merged[n] = fields
}

// A part is a value somewhere in a document, with the key that it stands
// behind. The zero part is absent.
type part struct {
	document *document
	key      *yaml.Node // nil in a list
	node     *yaml.Node // aliases followed
}

// place is the key's position, or the value's in a list.
func (p part) place() Place {
	n := p.key
	if n == nil {
		n = p.node
	}
	if n == nil {
		return Place{}
	}
	return Place{p.document.file, n.Line, n.Column}
}

// get is the value of a key; ok reports whether the key is there.
func (p part) get(name string) (value part, ok bool) {
	for _, f := range p.fields() {
		if f.name == name {
			return p.of(f), true
		}
	}
	return part{}, false
}

func (p part) of(f field) part { return part{p.document, f.key, follow(f.value)} }

func (p part) fields() []field {
	if p.node == nil {
		return nil
	}
	return p.document.fields(p.node)
}

// items are a list's entries.
func (p part) items() []part {
	if !p.list() {
		return nil
	}
	items := make([]part, len(p.node.Content))
	for i, n := range p.node.Content {
		items[i] = part{document: p.document, node: follow(n)}
	}
	return items
}

func (p part) list() bool    { return p.node != nil && p.node.Kind == yaml.SequenceNode }
func (p part) mapping() bool { return p.node != nil && p.node.Kind == yaml.MappingNode }

// null reports whether it is absent, or Python's None.
func (p part) null() bool {
	return p.node == nil || p.node.Kind == yaml.ScalarNode && scalarOf(p.node).null
}

// text is a value that is text, "" for any other.
func (p part) text() (string, bool) {
	if p.node == nil || p.node.Kind != yaml.ScalarNode {
		return "", false
	}
	s := scalarOf(p.node)
	return s.text, s.kind == String && !s.null
}
