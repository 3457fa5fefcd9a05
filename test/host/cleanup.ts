/** What must not outlive this process: processes and temporary folders, also after Ctrl+C. */
const tasks = new Set<() => void>();
let listening = false;

/** Runs `task` when the process ends, however it does (but for SIGKILL). The answer takes that back. */
export function onExit(task: () => void): () => void {
  listen();
  tasks.add(task);
  return () => tasks.delete(task);
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.once("exit", () => {
    // The last one made is the first one to go: processes end before the folders that they write to.
    for (const task of [...tasks].reverse()) {
      try {
        task();
      } catch (error) {
        console.error(error);
      }
    }
  });
  // Without a listener a signal ends Node without an "exit" event.
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}
