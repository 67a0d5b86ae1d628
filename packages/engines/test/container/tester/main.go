// Tester does what its input says, from inside a container.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "sleep":
			time.Sleep(time.Hour)
		case "silent":
			fmt.Println("I ask for nothing")
			time.Sleep(time.Hour)
		case "leave":
			fmt.Println("I cannot work here")
			os.Exit(3)
		}
	}
	calls := dial(os.Getenv("CAIRN_CALLS"))
	reader := bufio.NewReader(calls)
	served := 0
	for {
		input := string(ask(calls, reader, "GET /next", nil))
		served++
		what, rest, _ := strings.Cut(input, " ")
		if what == "fail" {
			ask(calls, reader, "POST /fault", []byte(rest))
			continue
		}
		ask(calls, reader, "POST /answer", []byte(do(what, rest, served)))
	}
}

func do(what, rest string, served int) string {
	switch what {
	case "echo":
		return rest
	case "count":
		return fmt.Sprint(served)
	case "burn":
		var ms int64
		fmt.Sscan(rest, &ms)
		var used syscall.Rusage
		for (used.Utime.Nano()+used.Stime.Nano())/1e6 < ms {
			syscall.Getrusage(syscall.RUSAGE_SELF, &used)
		}
		return "burnt"
	case "spin":
		for {
		}
	case "wait":
		time.Sleep(time.Hour)
	case "crash":
		os.Exit(3)
	case "large":
		return strings.Repeat("x", 2<<20)
	case "print":
		for {
			fmt.Println(strings.Repeat("x", 8<<10))
		}
	case "eat":
		var kept [][]byte
		for {
			block := make([]byte, 1<<20)
			for at := range block {
				block[at] = 1
			}
			kept = append(kept, block)
		}
	case "fork":
		for started := 0; started < 100_000; started++ {
			_, err := syscall.ForkExec("/tester", []string{"/tester", "sleep"}, nil)
			if err != nil {
				return fmt.Sprintf("%d processes, then: %v", started, err)
			}
		}
		return "no end"
	case "look":
		return look()
	}
	return "what?"
}

// look says what the container is and may.
func look() string {
	status, _ := os.ReadFile("/proc/self/status")
	lines := []string{fmt.Sprintf("uid %d gid %d", os.Getuid(), os.Getgid())}
	for _, line := range strings.Split(string(status), "\n") {
		for _, name := range []string{"CapEff", "CapBnd", "NoNewPrivs", "Seccomp:"} {
			if strings.HasPrefix(line, name) {
				lines = append(lines, strings.Join(strings.Fields(line), " "))
			}
		}
	}
	for _, path := range []string{"/made", "/run/cairn/made", "/dev/shm/made", "/tmp/made"} {
		lines = append(lines, fmt.Sprintf("write %s: %v", path, os.WriteFile(path, []byte("x"), 0o600)))
	}
	big, _ := os.Create("/tmp/big")
	wrote := 0
	for wrote < 1<<30 {
		size, err := big.Write(make([]byte, 1<<20))
		wrote += size
		if err != nil {
			break
		}
	}
	os.Remove("/tmp/big")
	lines = append(lines, fmt.Sprintf("scratch %d", wrote))
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		err = syscall.Connect(socket, &syscall.SockaddrInet4{Port: 80, Addr: [4]byte{1, 1, 1, 1}})
	}
	lines = append(lines, fmt.Sprintf("network %v", err))
	devices, _ := os.ReadFile("/proc/net/dev")
	lines = append(lines, fmt.Sprintf("interfaces %d", strings.Count(string(devices), ":")))
	for _, name := range os.Environ() {
		lines = append(lines, "env "+name)
	}
	return strings.Join(lines, "\n")
}

func ask(calls io.Writer, reader *bufio.Reader, what string, body []byte) []byte {
	fmt.Fprintf(calls, "%s HTTP/1.1\r\nhost: cairn\r\ncontent-length: %d\r\n\r\n%s", what, len(body), body)
	size := 0
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			os.Exit(0)
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
