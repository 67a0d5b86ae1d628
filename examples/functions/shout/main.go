// Shout answers each call with its input in capitals. It is the whole of what a container has to do: ask for a call
// over the Unix socket that CAIRN_CALLS names, answer it, and ask for the next.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

func main() {
	calls := dial(os.Getenv("CAIRN_CALLS"))
	reader := bufio.NewReader(calls)
	for {
		input := ask(calls, reader, "GET /next", nil)
		fmt.Printf("a call of %d bytes\n", len(input))
		ask(calls, reader, "POST /answer", bytes.ToUpper(input))
	}
}

// ask sends one request of HTTP/1.1 and reads its answer. Any HTTP client that can dial a Unix socket does as well.
func ask(calls io.Writer, reader *bufio.Reader, what string, body []byte) []byte {
	fmt.Fprintf(calls, "%s HTTP/1.1\r\nhost: cairn\r\ncontent-length: %d\r\n\r\n%s", what, len(body), body)
	size := 0
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			os.Exit(0) // The provider has ended the lease.
		}
		if line = strings.ToLower(strings.TrimSpace(line)); line == "" {
			break
		}
		fmt.Sscanf(line, "content-length: %d", &size)
	}
	answer := make([]byte, size)
	io.ReadFull(reader, answer)
	return answer
}

func dial(path string) *os.File {
	socket, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		err = syscall.Connect(socket, &syscall.SockaddrUnix{Name: path})
	}
	if err != nil {
		fmt.Println("the calls cannot be reached:", err)
		os.Exit(1)
	}
	return os.NewFile(uintptr(socket), path)
}
