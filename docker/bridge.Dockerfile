# Built from the checkout's root, after `./ponix --version` has built the jar.
FROM eclipse-temurin:17-jre@sha256:c6f2875c05ea10f16398bdc5f73405c384991506f2f1ead8bcc6582ae8adea79
COPY bridge/target/ponix-bridge.jar /opt/ponix/ponix-bridge.jar
USER 65534
EXPOSE 8090
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-jar", "/opt/ponix/ponix-bridge.jar"]
