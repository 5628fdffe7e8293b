/** Runs jobs, some at a time. @param processes how many, a count */
export async function sideBySide(
  jobs: readonly (() => Promise<void>)[],
  processes: number,
  onDone: (done: number, total: number) => void,
): Promise<void> {
  let begun = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let job = jobs[begun++]; job !== undefined; job = jobs[begun++]) {
      await job();
      onDone(++done, jobs.length);
    }
  };
  await Promise.all(Array.from({ length: processes }, worker));
}
