/** Content-Security-Policy: pages run no scripts, load their style sheet and icon, send forms here only, and go into no frame. */
export const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** That of the console: it also runs its own script, which asks this server alone. */
export const consolePolicy = `${pagePolicy}; script-src 'self'; connect-src 'self'`
