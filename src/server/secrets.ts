/** What a client gives in confidence: no error, no page and no log may show it (quirk P36). */

/** Whether the values of a parameter are secret. */
export const isSecret = (name: string): boolean => secretNames.has(name) || /^content\d+$/.test(name)

const secretNames = new Set(['password', 'private_key', 'user_data', 'public_key', 'user_iso', 'blob_data'])

/** An address with `***` for the values of secret parameters, in its query and between its segments. */
export const withoutSecrets = (address: string): string =>
  address.includes('=')
    ? address.replace(/([?&;])([^=&;?/]+)=([^&;?/]*)/g, (whole, mark: string, name: string) =>
        isSecret(decoded(name)) ? `${mark}${name}=***` : whole,
      )
    : address

const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
