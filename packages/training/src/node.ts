/** The parts of training that need Node: native engines, worker threads, files. */
