package io.ponix.deviceservice.tls;

import com.linecorp.armeria.common.CommonPools;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerTlsConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.netty.handler.ssl.ClientAuth;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that connections are begun with.
 *
 * <p><b>Guarantee.</b> Connections that begin {@value #LOOKED_AT_EVERY_SECONDS} seconds after the
 * files were replaced have the new one. Where the new files cannot be used, the old ones hold, and
 * an ERROR says why. Connections that are there already go on.
 */
public final class ReloadedTls implements TlsProvider {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadedTls.class);

    private static final int LOOKED_AT_EVERY_SECONDS = 1;

    private static final byte[] GONE = {};

    /** Seconds since 1970. */
    private static final String NOT_AFTER = "ponix.tls.certificate.not.after";

    /** How often replaced files could not be used. */
    private static final String FAILURES = "ponix.tls.reload.failures";

    private static final String VALIDITY_OF_THE_FIRST = "armeria.server.tls.certificate";

    private final TlsFiles files;
    private final Counter failures;
    private final ScheduledFuture<?> looking;

    private volatile TlsContent content;

    /** Of the files that were looked at last, whether or not they can be used. */
    private byte[] fingerprint;

    private ReloadedTls(TlsFiles files, Counter failures) {
        this.files = files;
        this.failures = failures;
        fingerprint = TlsContent.fingerprint(files);
        content = TlsContent.read(files);
        looking =
                CommonPools.blockingTaskExecutor()
                        .scheduleWithFixedDelay(
                                this::look,
                                LOOKED_AT_EVERY_SECONDS,
                                LOOKED_AT_EVERY_SECONDS,
                                TimeUnit.SECONDS);
    }

    /**
     * Leaves out the metrics that go on to tell of the certificate that was shown first; for a
     * registry in which there is none yet.
     */
    public static MeterFilter withoutTheFirst() {
        return MeterFilter.denyNameStartsWith(VALIDITY_OF_THE_FIRST);
    }

    /**
     * Has a server show the certificate of the files, and ask clients for theirs where they need
     * one.
     *
     * @throws IllegalArgumentException when the files cannot be used; the message names the
     *     variable
     */
    public static void addTo(ServerBuilder server, TlsFiles files, MeterRegistry metrics) {
        ReloadedTls tls = new ReloadedTls(files, metrics.counter(FAILURES));
        Gauge.builder(NOT_AFTER, tls, each -> each.notAfter().getEpochSecond())
                .description("When the certificate that is shown ends")
                .baseUnit("seconds")
                .strongReference(true)
                .register(metrics);
        server.tlsProvider(
                tls,
                ServerTlsConfig.builder()
                        .clientAuth(
                                files.clientAuthorities().isPresent()
                                        ? ClientAuth.REQUIRE
                                        : ClientAuth.NONE)
                        .tlsCustomizer(context -> context.protocols("TLSv1.3", "TLSv1.2"))
                        .build());
    }

    private void look() {
        byte[] found;
        try {
            found = TlsContent.fingerprint(files);
        } catch (RuntimeException e) {
            // Whatever it is, the next look may find better files.
            if (!Arrays.equals(fingerprint, GONE)) {
                fingerprint = GONE;
                report(e);
            }
            return;
        }
        if (Arrays.equals(fingerprint, found)) {
            return;
        }
        fingerprint = found;
        try {
            content = TlsContent.read(files);
            LOG.info(
                    "The certificate in {} is shown from now on; it is valid until {}",
                    files.certificate(),
                    notAfter());
        } catch (RuntimeException e) {
            report(e);
        }
    }

    private Instant notAfter() {
        return content.keyPair().certificateChain().get(0).getNotAfter().toInstant();
    }

    private void report(RuntimeException problem) {
        failures.increment();
        LOG.error("The certificate from before is still shown: {}", problem.getMessage());
    }

    @Override
    public TlsKeyPair keyPair(String hostname) {
        return content.keyPair();
    }

    @Override
    public List<X509Certificate> trustedCertificates(String hostname) {
        return content.clientAuthorities();
    }

    @Override
    public boolean autoClose() {
        return true;
    }

    @Override
    public void close() {
        looking.cancel(false);
    }
}
