package news

import "testing"

// TestPreview fails from the day on which a release is served that the tables call a
// preview. It asks the module proxy.
func TestPreview(t *testing.T) {
	minors, err := Released(t.Context(), Served{})
	if err != nil {
		t.Fatal(err)
	}
	for _, minor := range minors {
		t.Errorf("Kubernetes %s is out, and its row is still a preview: see \"Add a Kubernetes release\" in CONTRIBUTING.md", minor)
	}
}
