package preflight

import "testing"

// BenchmarkDiagnose walks the catalogue with the evidence of the cases, one
// after the other.
func BenchmarkDiagnose(b *testing.B) {
	var all []*Evidence
	for _, c := range liveCases {
		e := healthy()
		c.harm(e)
		all = append(all, e)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := Diagnose(all[i%len(all)]); !ok {
			b.Fatal("a failure without a finding")
		}
	}
}
