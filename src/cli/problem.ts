/** What keeps the command from its work, told to the person who typed it: plain words, no stack. */
export class Problem extends Error {
  /** 2 for a command line that can't be understood, 1 for all else. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The system's own word for a failure, such as `EACCES`. */
export const systemCode = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Why a file couldn't be used, as half a sentence. */
export const whyFile = (error: unknown): string => {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of its path is not a directory',
    EEXIST: 'there is a file of that name',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
  }
  return words[systemCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error))
}
