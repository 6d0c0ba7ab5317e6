/** Where downloads are kept between checkouts and windows: one folder a user. */

/**
 * The per-user cache folder by the platform's convention.
 * @param platform `process.platform`
 * @param environment `process.env`; `GLASSBOX_CACHE` overrides all else.
 */
export function cacheFolder(
  platform: string,
  environment: Readonly<Record<string, string | undefined>>,
  homeFolder: string,
): string {
  const override = environment.GLASSBOX_CACHE;
  if (override) return override;
  if (platform === "win32")
    return `${environment.LOCALAPPDATA ?? `${homeFolder}\\AppData\\Local`}\\glassbox\\Cache`;
  if (platform === "darwin") return `${homeFolder}/Library/Caches/glassbox`;
  return `${environment.XDG_CACHE_HOME || `${homeFolder}/.cache`}/glassbox`;
}
