#!/usr/bin/env node
/** The conformance suite as a command. */
import { launch } from './launch.js'

launch('deltacloud-conformance', 'conformance/cli')
