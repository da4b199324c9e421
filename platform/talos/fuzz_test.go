package talos_test

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// read reads a configuration, or returns nil for one that machinery refuses or, of a fuzz
// test's texts, panics on.
func read(text string) (base config.Provider) {
	defer func() {
		if recover() != nil {
			base = nil
		}
	}()
	base, err := configloader.NewFromBytes([]byte(text))
	if err != nil {
		return nil
	}
	return base.Clone()
}
