import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { registryContract } from '../support/registry/contract.ts';

registryContract("Debian's docker-registry", () => startDockerRegistry());
