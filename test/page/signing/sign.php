<?php
function imgsizes_url(string $baseUrl, string $secret, string $source, string $transform, string $format): string
{
    $digest = hash_hmac('sha256', "$source/$transform", $secret, true);
    $signature = substr(strtr(base64_encode($digest), '+/', '-_'), 0, 16);
    return $baseUrl . str_replace('%2F', '/', rawurlencode("$source/$transform.$signature.$format"));
}
