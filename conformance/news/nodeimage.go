package news

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"kubetrace/release"
	"kubetrace/tracing"

	platform "kubetrace/platform/kind"
)

// imageFile is where kind names the image of the nodes that name none.
const imageFile = "pkg/apis/config/defaults/image.go"

var defaultImage = regexp.MustCompile(`"kindest/node:(v[0-9.]+)`)

// NodeImage compares the node image of kind that the library names with the default one
// of a release of kind. It is one minor release's: no module names the images of the
// others, but the release notes of kind.
func NodeImage(ctx context.Context, modules Modules, version string) (Pin, error) {
	dir, err := modules.Dir(ctx, kind, version)
	if err != nil {
		return Pin{}, err
	}
	text, err := os.ReadFile(filepath.Join(dir, imageFile))
	if err != nil {
		return Pin{}, err
	}
	found := defaultImage.FindSubmatch(text)
	if found == nil {
		return Pin{}, fmt.Errorf("%s of kind %s no longer names its image as it did", imageFile, version)
	}
	served, ok := release.ParseVersion(string(found[1]))
	if !ok {
		return Pin{}, fmt.Errorf("%s of kind %s names the image %s, which is no version", imageFile, version, found[1])
	}
	pin := Pin{Name: "kindest/node " + served.Minor(), Served: string(found[1])}
	if _, support := release.KubernetesAt(served); support != release.SupportKnown {
		return pin, nil
	}
	image, _, err := platform.NodeImage(tracing.TracingSpec{KubernetesVersion: served.Minor()})
	var none *tracing.NotGeneratedError
	if errors.As(err, &none) {
		return pin, nil
	}
	if err != nil {
		return Pin{}, err
	}
	pin.Pinned = strings.TrimPrefix(image, "kindest/node:")
	return pin, nil
}
