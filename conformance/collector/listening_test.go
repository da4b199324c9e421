package collector

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exposed returns the addresses that came to be listened on and that another
// node reaches.
func exposed(before, after map[netip.AddrPort]bool) []netip.AddrPort {
	var addresses []netip.AddrPort
	for address := range after {
		if !before[address] && !address.Addr().IsLoopback() {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// The rule is tried on addresses alone, since these tests may not listen on one
// that others reach.
func TestExposed(t *testing.T) {
	for text, want := range map[string]bool{
		"0100007F:10DD":                         false, // 127.0.0.1
		"0200007F:10DD":                         false, // 127.0.0.2
		"00000000000000000000000001000000:10DD": false, // ::1
		"0000000000000000FFFF00000100007F:10DD": false, // ::ffff:127.0.0.1
		"00000000:10DD":                         true,  // 0.0.0.0
		"0A0200C0:10DD":                         true,  // 192.0.2.10
		"00000000000000000000000000000000:10DD": true,  // ::
		"B80D0120000000000000000001000000:10DD": true,  // 2001:db8::1
	} {
		address, err := parseAddress(text)
		if err != nil || address.Port() != 4317 {
			t.Errorf("%s is read as %s: %v", text, address, err)
		}
		now := map[netip.AddrPort]bool{address: true}
		if got := len(exposed(nil, now)) == 1; got != want {
			t.Errorf("%s is exposed: %t", address, got)
		}
		if len(exposed(now, now)) != 0 {
			t.Errorf("%s was there before", address)
		}
	}
}

// listening returns the TCP addresses that this process listens on.
// https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
func listening(tb testing.TB) map[netip.AddrPort]bool {
	tb.Helper()
	own := map[string]bool{} // the inodes of this process' sockets
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		tb.Fatal(err)
	}
	for _, descriptor := range descriptors {
		// One that was closed meanwhile has no target.
		if target, err := os.Readlink(descriptor); err == nil && strings.HasPrefix(target, "socket:[") {
			own[strings.Trim(target, "socket:[]")] = true
		}
	}
	addresses := map[netip.AddrPort]bool{}
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		data, err := os.ReadFile(table)
		if os.IsNotExist(err) && table == "/proc/self/net/tcp6" {
			continue // a kernel without IPv6
		}
		if err != nil {
			tb.Fatalf("these tests need Linux: %v", err)
		}
		for _, line := range strings.Split(string(data), "\n")[1:] {
			const local, state, inode, listen = 1, 3, 9, "0A"
			fields := strings.Fields(line)
			if len(fields) <= inode || fields[state] != listen || !own[fields[inode]] {
				continue
			}
			address, err := parseAddress(fields[local])
			if err != nil {
				tb.Fatalf("%s: %v", table, err)
			}
			addresses[address] = true
		}
	}
	return addresses
}

// parseAddress reads the kernel's form of an address: words of four bytes in
// the machine's order, here little-endian, and the port.
func parseAddress(text string) (netip.AddrPort, error) {
	hexAddress, hexPort, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(hexAddress)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q: %w", text, err)
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	address, ok := netip.AddrFromSlice(raw)
	port, err := strconv.ParseUint(hexPort, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q is not the kernel's form", text)
	}
	return netip.AddrPortFrom(address.Unmap(), uint16(port)), nil
}
