import { describeHostilePeers } from '../support/hostile-suite.ts';

describeHostilePeers('webrtc');
