/** Pause between two looks whether the server is there again. */
const LOOK_AGAIN_MS = 2_000;
/** A page that was loaded anew for want of a script is not loaded anew once more within this time. */
const RELOAD_MS = 60_000;
const RELOADED_AT = "commonwatt.reloadedAt";

/**
 * Fetches a script of the dashboard when it is first needed. Without a server it waits until there is one again; when the
 * server has no such script, since it runs another version by now, the page is loaded anew.
 *
 * @throws whatever the import threw, when loading the page anew did not help
 */
export function loadScript<Module>(load: () => Promise<Module>): Promise<Module> {
  return load().catch(async () => {
    await serverAnswers();
    return load().catch(reloadPage);
  });
}

async function serverAnswers(): Promise<void> {
  while (!(await fetch("/ready").catch(() => null)))
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

function reloadPage(error: unknown): Promise<never> {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < RELOAD_MS) throw error;
  sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  location.reload();
  return new Promise(() => {});
}
