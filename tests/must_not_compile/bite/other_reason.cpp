// expect: static assertion
// complaint: is refused for another reason
int main() {
#ifdef MUST_NOT_COMPILE
    return undeclared;
#endif
}
