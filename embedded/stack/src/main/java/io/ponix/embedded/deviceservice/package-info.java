/** The device service as a process of the stack. */
package io.ponix.embedded.deviceservice;
