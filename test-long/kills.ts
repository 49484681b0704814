/** A server that is killed a hundred times under load: what it had answered is there, and its log is whole. KILLS sets another number. */

process.env.KILLS ??= '100'
await import('../test/durability.test.ts')

export {}
