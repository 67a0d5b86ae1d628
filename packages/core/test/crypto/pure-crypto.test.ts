import { createPureCrypto } from '../../src/index.ts';
import { describeCrypto } from './compliance.ts';

describeCrypto('pure crypto', createPureCrypto);
